// SPDX-License-Identifier: MPL-2.0

import { kemById, type KemPrivateKey } from '../../crypto';
import { recipientTag } from '../../protocol';

/** To whom a key is told, and by whom (docs/protocol.md 4 and 5.4). */
export interface KeyScope {
  /** Key Identifier of the certificate under which the key is told: 32 octets. */
  readonly certificate: Buffer;
  /** Relay agents that encrypt have keys of their own in solution B. */
  readonly audience: 'clients' | 'relay-agents';
}

/** An encryption key of the server. Times are Unix milliseconds. */
export interface EncryptionKey {
  readonly scope: KeyScope;
  readonly privateKey: KemPrivateKey;
  /** Recipient tag: 8 octets. */
  readonly tag: Buffer;
  readonly madeAt: number;
  /** From then on nothing is decrypted with it. */
  readonly endsAt: number;
}

export function encryptionKey(
  scope: KeyScope,
  privateKey: KemPrivateKey,
  madeAt: number,
  endsAt: number,
): EncryptionKey {
  const tag = recipientTag(privateKey.kemId, privateKey.public.octets);
  return { scope, privateKey, tag, madeAt, endsAt };
}

/**
 * Whether nothing is decrypted with a key any more: its end has come, or the clock was set back so far that it would live
 * for more than half a lifetime longer than it was told to.
 */
export function hasEnded({ madeAt, endsAt }: EncryptionKey, now: number): boolean {
  return now >= endsAt || now < madeAt - (endsAt - madeAt) / 2;
}

export function isSameScope(one: KeyScope, other: KeyScope): boolean {
  return one.audience === other.audience && one.certificate.equals(other.certificate);
}

const version = 1;
const certificateLength = 32;
/** certificate, audience (1), kem_id (2), madeAt (8), endsAt (8). */
const headLength = certificateLength + 1 + 2 + 8 + 8;

/** The keys, private ones included, for other workers and for the next start: the caller's to wipe. */
export function serializeKeys(keys: readonly EncryptionKey[]): Buffer {
  const records = keys.map(({ scope, privateKey, madeAt, endsAt }) => {
    const head = Buffer.alloc(headLength);
    scope.certificate.copy(head, 0);
    head.writeUInt8(scope.audience === 'clients' ? 0 : 1, 32);
    head.writeUInt16BE(privateKey.kemId, 33);
    head.writeDoubleBE(madeAt, 35);
    head.writeDoubleBE(endsAt, 43);
    return [head, privateKey.serialize()];
  });
  const octets = Buffer.concat([Buffer.of(version), ...records.flat()]);
  for (const [, privateKey] of records) {
    privateKey?.fill(0);
  }
  return octets;
}

/** A key that is told by its octets, before its KEM expands it. */
export interface SerializedKey {
  readonly scope: KeyScope;
  readonly kemId: number;
  readonly madeAt: number;
  readonly endsAt: number;
  /** A view. */
  readonly privateKey: Buffer;
}

/** @throws Error for what `serializeKeys` cannot have given */
export function readKeys(octets: Buffer): SerializedKey[] {
  if (octets[0] !== version) {
    throw new Error('not encryption keys of this version');
  }
  const keys: SerializedKey[] = [];
  let at = 1;
  while (at < octets.length) {
    const head = octets.subarray(at, at + headLength);
    if (head.length < headLength) {
      throw new Error('an encryption key is cut short');
    }
    const kemId = head.readUInt16BE(33);
    const end = at + headLength + kemById(kemId).Nsk;
    const [madeAt, endsAt, audience] = [head.readDoubleBE(35), head.readDoubleBE(43), head.readUInt8(32)];
    if (end > octets.length || audience > 1 || !(Number.isFinite(madeAt) && Number.isFinite(endsAt))) {
      throw new Error('an encryption key is malformed');
    }
    keys.push({
      scope: {
        certificate: Buffer.from(head.subarray(0, certificateLength)),
        audience: audience === 0 ? 'clients' : 'relay-agents',
      },
      kemId,
      madeAt,
      endsAt,
      privateKey: octets.subarray(at + headLength, end),
    });
    at = end;
  }
  return keys;
}
