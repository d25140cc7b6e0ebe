// SPDX-License-Identifier: MPL-2.0

/** Octets of ML-KEM-768 (FIPS 203 table 3, and d || z, m and K of its algorithms 16 to 18). */
export const mlKemLengths = { seed: 64, random: 32, publicKey: 1184, ciphertext: 1088, secret: 32 } as const;

export interface MlKemPublicKey {
  /** ML-KEM.Encaps_internal (FIPS 203 section 6.2). @param m 32 random octets */
  encapsulate(m: Buffer): { readonly ciphertext: Buffer; readonly secret: Buffer };
}

export interface MlKemPrivateKey {
  /** The encapsulation key. */
  readonly publicKey: Buffer;
  /** ML-KEM.Decaps (FIPS 203 section 7.3). @param ciphertext 1088 octets; a wrong one gives a secret of nobody's */
  decapsulate(ciphertext: Buffer): Buffer;
  /** Overwrites the key; `decapsulate` is not to be called any more. */
  erase(): void;
}

/** ML-KEM-768 (FIPS 203) in one implementation. */
export interface MlKem {
  /**
   * An encapsulation key, after the check of FIPS 203 section 7.2.
   * @throws CryptoError `deserialize-failed`
   */
  publicKey(octets: Buffer): MlKemPublicKey;
  /** ML-KEM.KeyGen_internal (FIPS 203 section 6.1). @param seed d || z, 64 octets; not kept */
  privateKey(seed: Buffer): MlKemPrivateKey;
}
