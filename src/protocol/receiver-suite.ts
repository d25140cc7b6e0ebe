// SPDX-License-Identifier: MPL-2.0

import { type Envelope, type KeyType, type Suite, suiteFor } from '../crypto';
import { ProtocolError } from './errors';

/** docs/protocol.md 4: a receiver accepts AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305 with each KEM. */
const acceptedAeads: ReadonlySet<number> = new Set([0x0001, 0x0002, 0x0003]);

/**
 * The suite of an envelope to a key of `keyType`: the key's own KEM and KDF, any accepted AEAD.
 * @throws ProtocolError `envelope-suite`
 */
export function receiverSuite(envelope: Envelope, keyType: KeyType): Suite {
  const { kemId, kdfId } = suiteFor(keyType);
  if (envelope.kemId !== kemId || envelope.kdfId !== kdfId || !acceptedAeads.has(envelope.aeadId)) {
    const ids = [envelope.kemId, envelope.kdfId, envelope.aeadId].map((id) => `0x${id.toString(16)}`);
    throw new ProtocolError('envelope-suite', `suite ${ids.join(', ')} for a key of type ${keyType}`);
  }
  return { kemId, kdfId, aeadId: envelope.aeadId };
}
