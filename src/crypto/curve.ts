// SPDX-License-Identifier: MPL-2.0

/** One NIST curve, with the sizes of RFC 9180 table 2 in octets. */
export interface Curve {
  readonly keyType: 'P-256' | 'P-384';
  /** OpenSSL's name. */
  readonly name: 'prime256v1' | 'secp384r1';
  /** Contents of the named curve's OBJECT IDENTIFIER (RFC 5480 section 2.1.1.1). */
  readonly oid: Buffer;
  /** Octets of a field element and of a scalar (Nsk). */
  readonly Nsk: number;
  /** Octets of an uncompressed point (Npk, Nenc). */
  readonly Npk: number;
  readonly order: bigint;
}

export const p256: Curve = {
  keyType: 'P-256',
  name: 'prime256v1',
  oid: Buffer.from('2a8648ce3d030107', 'hex'), // 1.2.840.10045.3.1.7
  Nsk: 32,
  Npk: 65,
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};

export const p384: Curve = {
  keyType: 'P-384',
  name: 'secp384r1',
  oid: Buffer.from('2b81040022', 'hex'), // 1.3.132.0.34
  Nsk: 48,
  Npk: 97,
  order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

export const curves: readonly Curve[] = [p256, p384];
