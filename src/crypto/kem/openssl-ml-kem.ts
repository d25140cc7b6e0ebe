// SPDX-License-Identifier: MPL-2.0

import { hasMlKem, type MlKemPublicKey, mlKemPrivateKey, mlKemPublicKey } from '../../bridge';
import { CryptoError } from '../errors';
import { type MlKem, mlKemLengths } from './ml-kem';

function imported(octets: Buffer): MlKemPublicKey {
  try {
    return mlKemPublicKey(octets);
  } catch (error) {
    throw new CryptoError('deserialize-failed', 'not an encapsulation key of ML-KEM-768', { cause: error });
  }
}

export const hasOpensslMlKem = hasMlKem();

/** ML-KEM-768 of the addon's OpenSSL. */
export const opensslMlKem: MlKem = {
  publicKey(octets) {
    const key = imported(octets);
    return {
      encapsulate(m) {
        const both = key.encapsulate(m);
        const { ciphertext } = mlKemLengths;
        return { ciphertext: both.subarray(0, ciphertext), secret: both.subarray(ciphertext) };
      },
    };
  },
  privateKey(seed) {
    const key = mlKemPrivateKey(seed);
    return {
      publicKey: key.publicKey(),
      decapsulate(ciphertext) {
        const secret = key.decapsulate(ciphertext);
        if (secret === undefined) {
          throw new CryptoError('deserialize-failed', `a ciphertext of ${ciphertext.length} octets`);
        }
        return secret;
      },
      erase: () => key.release(),
    };
  },
};
