// SPDX-License-Identifier: MPL-2.0

import { type Kdf, LabeledKdf } from '../kdf';
import { wipe } from '../wipe';
import type { EphemeralInput } from './ephemeral-input';

/** What Encap gives (RFC 9180 section 4). */
export interface Encapsulation {
  readonly sharedSecret: Buffer;
  readonly enc: Buffer;
}

/** A recipient's public key, of whatever form, for one KEM. */
export interface EncapsulationKey {
  readonly kemId: number;
  /**
   * Encap of RFC 9180 section 4.
   *
   * @param ephemeral only to reproduce known answers
   * @throws CryptoError `validation-failed` where an agreement on X25519 gives zeros (RFC 9180 section 7.1.4),
   *   `ephemeral-input-invalid` for the input of another KEM
   */
  encap(ephemeral?: EphemeralInput): Encapsulation;
}

/** A recipient's private key, of whatever form, for one KEM. */
export interface DecapsulationKey {
  readonly kemId: number;
  /**
   * Decap of RFC 9180 section 4: the shared secret.
   *
   * @throws CryptoError `deserialize-failed` for an enc that is none of the KEM, `validation-failed` where an agreement
   *   on X25519 gives zeros (RFC 9180 section 7.1.4), `decap-failed` where RSAES-OAEP fails
   */
  decap(enc: Buffer): Buffer;
}

/** A public key as the Encryption Key option carries it. */
export interface KemPublicKey extends EncapsulationKey {
  /** SerializePublicKey of RFC 9180 section 7.1.1: Npk octets. */
  readonly octets: Buffer;
}

/** A key pair that lives for hours, and is then erased. */
export interface KemPrivateKey extends DecapsulationKey {
  readonly public: KemPublicKey;
  /** SerializePrivateKey of RFC 9180 section 7.1.2: Nsk octets, a copy that is the caller's to wipe. */
  serialize(): Buffer;
  /** Overwrites the key; afterwards `decap` and `serialize` throw CryptoError `key-erased`. */
  erase(): void;
}

/** Random octets of a length, as good as node:crypto's randomBytes; wiped by the KEM that takes them. */
export type RandomOctets = (length: number) => Buffer;

/** How a setting names a KEM. */
export type KemName = 'x25519' | 'p-256' | 'p-384' | 'x-wing';

/** A KEM of RFC 9180 section 7.1 with what belongs to it in docs/protocol.md 4. Lengths are in octets. */
export interface Kem {
  readonly name: KemName;
  readonly kemId: number;
  /** The KDF of the key schedule, and no other. */
  readonly kdfId: number;
  /** The AEAD that a sender uses. */
  readonly aeadId: number;
  readonly Nsecret: number;
  readonly Nenc: number;
  readonly Npk: number;
  readonly Nsk: number;
  /** GenerateKeyPair, which is DeriveKeyPair of Nsk random octets (RFC 9180 section 7.1.3). */
  generateKeyPair(random: RandomOctets): KemPrivateKey;
  /** DeriveKeyPair of RFC 9180 section 7.1.3, of X-Wing as its draft has it. @param ikm at least Nsk octets */
  deriveKeyPair(ikm: Buffer): KemPrivateKey;
  /**
   * DeserializePublicKey of RFC 9180 section 7.1.1, with all checks of its section 7.1.4 and of FIPS 203 section 7.2
   * that can be made of the key alone. @param octets copied
   * @throws CryptoError `deserialize-failed`
   */
  deserializePublicKey(octets: Buffer): KemPublicKey;
  /**
   * DeserializePrivateKey of RFC 9180 section 7.1.2. @param octets copied
   * @throws CryptoError `deserialize-failed`
   */
  deserializePrivateKey(octets: Buffer): KemPrivateKey;
}

/** The LabeledExtract and LabeledExpand of a KEM: suite_id = "KEM" || kem_id (RFC 9180 section 4.1). */
export function kemKdf(kemId: number, kdf: Kdf): LabeledKdf {
  return new LabeledKdf(
    kdf,
    Buffer.concat([Buffer.from('KEM', 'ascii'), Buffer.of(kemId >> 8, kemId & 0xff)]),
  );
}

/**
 * ExtractAndExpand of RFC 9180 section 4.1; Nsecret is the hash's length with each KEM here.
 * @param dh is wiped
 */
export function extractAndExpand(kdf: LabeledKdf, dh: Buffer, kemContext: Buffer): Buffer {
  const eaePrk = kdf.labeledExtract(Buffer.alloc(0), 'eae_prk', dh);
  const sharedSecret = kdf.labeledExpand(eaePrk, 'shared_secret', kemContext, kdf.kdf.Nh);
  wipe(dh, eaePrk);
  return sharedSecret;
}

/** GenerateKeyPair of a KEM. */
export function generateBy(kem: Kem, random: RandomOctets): KemPrivateKey {
  const ikm = random(kem.Nsk);
  try {
    return kem.deriveKeyPair(ikm);
  } finally {
    wipe(ikm);
  }
}
