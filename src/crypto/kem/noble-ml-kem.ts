// SPDX-License-Identifier: MPL-2.0

import { createRequire } from 'node:module';
import type * as noble from '@noble/post-quantum/ml-kem';
import { CryptoError } from '../errors';
import { wipe } from '../wipe';
import { type MlKem, mlKemLengths } from './ml-kem';

type Noble = typeof noble;

function isNoble(exports: unknown): exports is Noble {
  return typeof exports === 'object' && exports !== null && 'ml_kem768' in exports;
}

let loaded: Noble['ml_kem768'] | undefined;

/** Loaded when it is first needed: that takes longer than all else that a command loads. */
function implementation(): Noble['ml_kem768'] {
  if (loaded === undefined) {
    const exports: unknown = createRequire(__filename)('@noble/post-quantum/ml-kem');
    if (!isNoble(exports)) {
      throw new Error('@noble/post-quantum has no ML-KEM-768');
    }
    loaded = exports.ml_kem768;
  }
  return loaded;
}

const q = 3329;
/** Octets of the coefficients, three for two of them; behind them is rho. */
const coefficientsLength = 1152;

/** The type and modulus checks of FIPS 203 section 7.2. */
function isEncapsulationKey(octets: Buffer): boolean {
  if (octets.length !== mlKemLengths.publicKey) {
    return false;
  }
  for (let at = 0; at < coefficientsLength; at += 3) {
    const two = octets.readUIntLE(at, 3);
    if ((two & 0xfff) >= q || two >>> 12 >= q) {
      return false;
    }
  }
  return true;
}

function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** ML-KEM-768 in JavaScript. */
export const nobleMlKem: MlKem = {
  publicKey(octets) {
    if (!isEncapsulationKey(octets)) {
      throw new CryptoError('deserialize-failed', 'not an encapsulation key of ML-KEM-768');
    }
    return {
      encapsulate(m) {
        const { cipherText, sharedSecret } = implementation().encapsulate(octets, m);
        return { ciphertext: bufferOf(cipherText), secret: bufferOf(sharedSecret) };
      },
    };
  },
  privateKey(seed) {
    const { publicKey, secretKey } = implementation().keygen(seed);
    return {
      publicKey: bufferOf(publicKey),
      decapsulate: (ciphertext) => bufferOf(implementation().decapsulate(ciphertext, secretKey)),
      erase: () => wipe(bufferOf(secretKey)),
    };
  },
};
