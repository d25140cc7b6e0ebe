// SPDX-License-Identifier: MPL-2.0

import { createECDH } from 'node:crypto';
import { type EcPrivateKey, ecPrivateKey, x25519PrivateKey } from '../../bridge';
import { type Curve, p256, p384 } from '../curve';
import { CryptoError, type CryptoErrorCode } from '../errors';
import type { LabeledKdf } from '../kdf';

/** A Diffie-Hellman group of DHKEM (RFC 9180 sections 4.1 and 7.1). */
export interface DhGroup {
  readonly name: 'X25519' | 'P-256' | 'P-384';
  /** Octets of a private key. */
  readonly Nsk: number;
  /** Octets of a public key. */
  readonly Npk: number;
  /** What it means that DH with a public key of Npk octets gives nothing. */
  readonly refusal: CryptoErrorCode;
  /** The private half of DeriveKeyPair (RFC 9180 section 7.1.3): Nsk octets. */
  deriveScalar(kdf: LabeledKdf, ikm: Buffer): Buffer;
  /**
   * The key pair of a scalar of Nsk octets, which is copied.
   * @throws CryptoError `deserialize-failed` for one that is not from 1 to the order of the group less 1
   */
  keyPair(scalar: Buffer): EcPrivateKey;
}

function nistGroup(curve: Curve): DhGroup {
  const { keyType, name, order, Nsk, Npk } = curve;
  const isScalar = (octets: Buffer): boolean => {
    const scalar = BigInt(`0x${octets.toString('hex')}`);
    return scalar !== 0n && scalar < order;
  };
  return {
    name: keyType,
    Nsk,
    Npk,
    // With these curves no valid point gives the point at infinity (RFC 9180 section 7.1.4).
    refusal: 'deserialize-failed',
    deriveScalar(kdf, ikm) {
      const dkpPrk = kdf.labeledExtract(Buffer.alloc(0), 'dkp_prk', ikm);
      // The bitmask of both curves is 0xff: it changes nothing.
      for (let counter = 0; counter <= 255; counter += 1) {
        const candidate = kdf.labeledExpand(dkpPrk, 'candidate', Buffer.of(counter), Nsk);
        if (isScalar(candidate)) {
          return candidate;
        }
      }
      throw new CryptoError('derive-key-pair-failed', `no scalar of ${keyType} in 256 candidates`);
    },
    keyPair(scalar) {
      if (!isScalar(scalar)) {
        throw new CryptoError('deserialize-failed', `not a private key on ${keyType}`);
      }
      const ecdh = createECDH(name);
      ecdh.setPrivateKey(scalar);
      return ecPrivateKey(keyType, scalar, ecdh.getPublicKey());
    },
  };
}

export const groupP256 = nistGroup(p256);
export const groupP384 = nistGroup(p384);

export const groupX25519: DhGroup = {
  name: 'X25519',
  Nsk: 32,
  Npk: 32,
  refusal: 'validation-failed',
  deriveScalar(kdf, ikm) {
    return kdf.labeledExpand(kdf.labeledExtract(Buffer.alloc(0), 'dkp_prk', ikm), 'sk', Buffer.alloc(0), 32);
  },
  keyPair: x25519PrivateKey,
};
