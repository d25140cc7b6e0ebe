// SPDX-License-Identifier: MPL-2.0

import { createHash, randomBytes } from 'node:crypto';
import { type EcPrivateKey, x25519PrivateKey } from '../../bridge';
import { CryptoError } from '../errors';
import { AeadId, KdfId, KemId } from '../suite';
import { wipe } from '../wipe';
import { type EphemeralInput, ephemeralSeed } from './ephemeral-input';
import { ErasableOctets } from './erasable-octets';
import {
  type Encapsulation,
  generateBy,
  type Kem,
  type KemPrivateKey,
  type KemPublicKey,
  type RandomOctets,
} from './kem';
import { type MlKem, mlKemLengths, type MlKemPrivateKey, type MlKemPublicKey } from './ml-kem';

/** XWingLabel: `\.//^\`. */
const label = Buffer.from('5c2e2f2f5e5c', 'hex');

const seedLength = 32;
const x25519Length = 32;
const eseedLength = mlKemLengths.random + x25519Length;

function shake256(octets: Buffer, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(octets).digest();
}

/** Combiner; both secrets are wiped. */
function combine(secretM: Buffer, secretX: Buffer, ciphertextX: Buffer, publicX: Buffer): Buffer {
  const hash = createHash('sha3-256').update(secretM).update(secretX);
  wipe(secretM, secretX);
  return hash.update(ciphertextX).update(publicX).update(label).digest();
}

/** @throws CryptoError `validation-failed` where the agreement gives zeros (RFC 9180 section 7.1.4) */
function agree(skX: EcPrivateKey, pkY: Buffer): Buffer {
  const secret = skX.agree(pkY);
  if (secret === undefined) {
    throw new CryptoError('validation-failed', 'no agreement with the X25519 key of X-Wing');
  }
  return secret;
}

class XWingPublicKey implements KemPublicKey {
  readonly kemId = KemId.XWing;
  private mlKemKey: MlKemPublicKey | undefined;

  /** @param mlKemKey the first part of the octets, where it has been imported */
  constructor(
    private readonly implementation: MlKem,
    readonly octets: Buffer,
    mlKemKey?: MlKemPublicKey,
  ) {
    this.mlKemKey = mlKemKey;
  }

  /** Encapsulate and, with an ephemeral input, EncapsulateDerand of the draft's section 5.4. */
  encap(ephemeral?: EphemeralInput): Encapsulation {
    if (ephemeral !== undefined) {
      return this.encapsulate(ephemeralSeed(ephemeral, eseedLength));
    }
    const eseed = randomBytes(eseedLength);
    try {
      return this.encapsulate(eseed);
    } finally {
      wipe(eseed);
    }
  }

  private encapsulate(eseed: Buffer): Encapsulation {
    const publicX = this.octets.subarray(mlKemLengths.publicKey);
    const ephemeralX = x25519PrivateKey(eseed.subarray(mlKemLengths.random));
    try {
      const secretX = agree(ephemeralX, publicX);
      const ciphertextX = ephemeralX.point();
      this.mlKemKey ??= this.implementation.publicKey(this.octets.subarray(0, mlKemLengths.publicKey));
      const { ciphertext, secret } = this.mlKemKey.encapsulate(eseed.subarray(0, mlKemLengths.random));
      return {
        sharedSecret: combine(secret, secretX, ciphertextX, publicX),
        enc: Buffer.concat([ciphertext, ciphertextX]),
      };
    } finally {
      ephemeralX.release();
    }
  }
}

/** Kept expanded, which saves most of each decapsulation. */
class XWingPrivateKey implements KemPrivateKey {
  readonly kemId = KemId.XWing;
  readonly public: KemPublicKey;
  private readonly seed: ErasableOctets;
  private readonly mlKemKey: MlKemPrivateKey;
  private readonly x25519Key: EcPrivateKey;
  private readonly publicX: Buffer;

  /** expandDecapsulationKey of the draft's section 5.2. @param seed 32 octets; kept, and wiped by `erase` */
  constructor(implementation: MlKem, seed: Buffer) {
    const expanded = shake256(seed, mlKemLengths.seed + x25519Length);
    this.seed = new ErasableOctets(seed);
    this.mlKemKey = implementation.privateKey(expanded.subarray(0, mlKemLengths.seed));
    this.x25519Key = x25519PrivateKey(expanded.subarray(mlKemLengths.seed));
    wipe(expanded);
    this.publicX = this.x25519Key.point();
    this.public = new XWingPublicKey(implementation, Buffer.concat([this.mlKemKey.publicKey, this.publicX]));
  }

  /** Decapsulate of the draft's section 5.5. */
  decap(enc: Buffer): Buffer {
    this.seed.require();
    if (enc.length !== mlKemLengths.ciphertext + x25519Length) {
      throw new CryptoError('deserialize-failed', `enc of ${enc.length} octets for x-wing`);
    }
    const ciphertextX = enc.subarray(mlKemLengths.ciphertext);
    const secretX = agree(this.x25519Key, ciphertextX);
    const secretM = this.mlKemKey.decapsulate(enc.subarray(0, mlKemLengths.ciphertext));
    return combine(secretM, secretX, ciphertextX, this.publicX);
  }

  serialize(): Buffer {
    return Buffer.from(this.seed.require());
  }

  erase(): void {
    this.seed.erase();
    this.mlKemKey.erase();
    this.x25519Key.release();
  }
}

/** X-Wing of draft-connolly-cfrg-xwing-kem: ML-KEM-768 with X25519. */
export class XWing implements Kem {
  readonly name = 'x-wing';
  readonly kemId = KemId.XWing;
  readonly kdfId = KdfId.HkdfSha256;
  readonly aeadId = AeadId.Aes256Gcm;
  readonly Nsecret = 32;
  readonly Nenc = mlKemLengths.ciphertext + x25519Length;
  readonly Npk = mlKemLengths.publicKey + x25519Length;
  readonly Nsk = seedLength;

  constructor(private readonly implementation: MlKem) {}

  generateKeyPair(random: RandomOctets): KemPrivateKey {
    return generateBy(this, random);
  }

  deriveKeyPair(ikm: Buffer): KemPrivateKey {
    return new XWingPrivateKey(this.implementation, shake256(ikm, seedLength));
  }

  deserializePublicKey(octets: Buffer): KemPublicKey {
    if (octets.length !== this.Npk) {
      throw new CryptoError('deserialize-failed', `a public key of ${octets.length} octets for x-wing`);
    }
    // Memory of its own, as in DHKEM.
    const copy = Buffer.alloc(octets.length);
    octets.copy(copy);
    const mlKemKey = this.implementation.publicKey(copy.subarray(0, mlKemLengths.publicKey));
    return new XWingPublicKey(this.implementation, copy, mlKemKey);
  }

  deserializePrivateKey(octets: Buffer): KemPrivateKey {
    if (octets.length !== seedLength) {
      throw new CryptoError('deserialize-failed', `a private key of ${octets.length} octets for x-wing`);
    }
    return new XWingPrivateKey(this.implementation, Buffer.from(octets));
  }
}
