// SPDX-License-Identifier: MPL-2.0

import { CryptoError, kemById, KemId, type KemPublicKey } from '../crypto';
import { ProtocolError } from './errors';
import type { EncryptionKey } from './options';

/**
 * The KEM of the key that a server tells a client (docs/protocol.md 3): the first of the client's list that the server
 * offers, X25519 where there is none.
 */
export function chosenKem(clientList: readonly number[], offered: readonly number[]): number {
  return clientList.find((kemId) => offered.includes(kemId)) ?? KemId.X25519;
}

/** The same in the answer to a query: the query's KEM where the server offers it, else X25519. */
export function kemForQuery(kemId: number, offered: readonly number[]): number {
  return chosenKem([kemId], offered);
}

/**
 * The key of an Encryption Key option.
 *
 * @param accepted kem_ids that it may be of (docs/protocol.md 3, 4.2)
 * @throws {@link ProtocolError} `encryption-key-unusable`
 */
export function usableKey({ kemId, publicKey }: EncryptionKey, accepted: readonly number[]): KemPublicKey {
  if (!accepted.includes(kemId)) {
    const [told, ...others] = [kemId, ...accepted].map((id) => `0x${id.toString(16)}`);
    throw new ProtocolError(
      'encryption-key-unusable',
      `an Encryption Key of kem_id ${String(told)}, not of ${others.join(' or ')}`,
    );
  }
  return withUsableKey(() => kemById(kemId).deserializePublicKey(publicKey));
}

/**
 * What is done with a key of an Encryption Key option: of some keys no agreement comes (docs/protocol.md 4).
 * @throws {@link ProtocolError} `encryption-key-unusable`
 */
export function withUsableKey<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof CryptoError) {
      throw new ProtocolError('encryption-key-unusable', `Encryption Key: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
