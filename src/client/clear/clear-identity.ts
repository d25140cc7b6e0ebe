// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../lease/lease';

/** Identifiers of a client in clear; none comes from those that it uses under encryption. */
export interface ClearIdentity {
  /** Its DUID. */
  readonly clientIdentifier: Buffer;
  readonly iaid: number;
}

/** RFC 8415 section 11.5: DUID-UUID, type 4. */
const duidUuid = Buffer.of(0x00, 0x04);
const duidUuidLength = 18;
const versionAt = 8;
const variantAt = 10;

/**
 * The DUID and IAID that a client keeps as long as it keeps a lease in clear; else new ones, of random numbers, so that
 * no observer can link the two leases (RFC 7844 section 4).
 *
 * @param kept the lease that the client has, encrypted or in clear
 * @param configured a DUID that the user has chosen for use in clear
 * @param random returns that many octets that cannot be guessed
 */
export function clearIdentity(
  kept: Lease | undefined,
  configured: Buffer | undefined,
  random: (octets: number) => Buffer,
): ClearIdentity {
  const own = kept?.encrypted === false ? kept : undefined;
  const ownDuid = own && Buffer.from(own.clientIdentifier, 'hex');
  const clientIdentifier = configured ?? ownDuid ?? randomDuid(random);
  const isSame = ownDuid?.equals(clientIdentifier) === true;
  const iaids = isSame && own ? [...own.addresses, ...own.prefixes].map(({ iaid }) => iaid) : [];
  return { clientIdentifier, iaid: iaids[0] ?? random(4).readUInt32BE() };
}

/** A DUID-UUID with a random UUID (RFC 6355, RFC 9562 section 5.4: version 4, variant 10). */
function randomDuid(random: (octets: number) => Buffer): Buffer {
  const duid = Buffer.concat([duidUuid, random(duidUuidLength - duidUuid.length)]);
  duid.writeUInt8((duid.readUInt8(versionAt) & 0x0f) | 0x40, versionAt);
  duid.writeUInt8((duid.readUInt8(variantAt) & 0x3f) | 0x80, variantAt);
  return duid;
}
