// SPDX-License-Identifier: MPL-2.0

import { native, type NativeMlKemPrivateKey, type NativeMlKemPublicKey } from './native';

/** An encapsulation key of ML-KEM-768 in OpenSSL. */
export type MlKemPublicKey = NativeMlKemPublicKey;

/** A decapsulation key of ML-KEM-768 in OpenSSL. */
export type MlKemPrivateKey = NativeMlKemPrivateKey;

/** Whether OpenSSL has ML-KEM (3.5 and later); without it the others here throw. */
export function hasMlKem(): boolean {
  return native.hasMlKem();
}

/** @throws Error for a key that fails the check of FIPS 203 section 7.2 */
export function mlKemPublicKey(key: Buffer): MlKemPublicKey {
  return new native.MlKemPublicKey(key);
}

/** @param seed d || z of FIPS 203 section 7.1, 64 octets; copied @throws TypeError for another length */
export function mlKemPrivateKey(seed: Buffer): MlKemPrivateKey {
  return new native.MlKemPrivateKey(seed);
}
