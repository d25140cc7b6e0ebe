// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { deriveDuid } from '../../crypto';
import type { ClientIdentity } from '../key-table/client-identity';
import { lastingCopy } from '../packet/lasting-copy';

/** Octets; enough where nobody gains by a collision among what authorities have signed. */
const NAMES_LENGTH = 16;

const nameless = Buffer.alloc(NAMES_LENGTH);

/** Who a renewed certificate is of, too: a hash of issuer and names; undefined for a bare key, and for no names at all. */
export function namesDigest({ kind, certified }: ClientIdentity): Buffer | undefined {
  if (kind !== 'certificate' || certified?.names === undefined) {
    return undefined;
  }
  const hash = createHash('sha256').update(certified.issuer).update(certified.names);
  return hash.digest().subarray(0, NAMES_LENGTH);
}

/** By identity, which never changes: a client's queries all have the same. */
const senders = new WeakMap<ClientIdentity, Buffer>();

/** What the hook holds against a lease's owner (docs/protocol.md 8, native/channel/frame.h): 66 octets. */
export function leaseSender(client: ClientIdentity): Buffer {
  const known = senders.get(client);
  if (known !== undefined) {
    return known;
  }
  const parts = [client.keyId, namesDigest(client) ?? nameless, deriveDuid(client.spki)];
  const sender = lastingCopy(Buffer.concat(parts));
  senders.set(client, sender);
  return sender;
}
