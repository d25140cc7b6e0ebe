// SPDX-License-Identifier: MPL-2.0

import { type EcPrivateKey, type EcPublicKey, ecPublicKey } from '../../bridge';
import { CryptoError } from '../errors';
import { kdfById, type LabeledKdf } from '../kdf';
import { AeadId, KdfId, KemId } from '../suite';
import { wipe } from '../wipe';
import { type DhGroup, groupP256, groupP384, groupX25519 } from './dh-group';
import { type EphemeralInput, ephemeralKeyMaterial } from './ephemeral-input';
import { ErasableOctets } from './erasable-octets';
import {
  type DecapsulationKey,
  type Encapsulation,
  extractAndExpand,
  generateBy,
  type Kem,
  kemKdf,
  type KemName,
  type KemPrivateKey,
  type KemPublicKey,
  type RandomOctets,
} from './kem';

/** DHKEM of RFC 9180 section 4.1. */
export class Dhkem implements Kem {
  readonly Nsecret: number;
  readonly Nenc: number;
  readonly Npk: number;
  readonly Nsk: number;
  readonly kdf: LabeledKdf;

  constructor(
    readonly name: KemName,
    readonly kemId: number,
    readonly kdfId: number,
    readonly aeadId: number,
    readonly group: DhGroup,
  ) {
    this.kdf = kemKdf(kemId, kdfById(kdfId));
    this.Nsecret = this.kdf.kdf.Nh;
    this.Nenc = group.Npk;
    this.Npk = group.Npk;
    this.Nsk = group.Nsk;
  }

  generateKeyPair(random: RandomOctets): KemPrivateKey {
    return generateBy(this, random);
  }

  deriveKeyPair(ikm: Buffer): KemPrivateKey {
    return new DhkemPrivateKey(this, this.group.deriveScalar(this.kdf, ikm));
  }

  deserializePublicKey(octets: Buffer): DhkemPublicKey {
    // Memory of its own: Buffer.from would hold a slab of 8 KiB for as long as a context waits for its answer.
    const copy = Buffer.alloc(octets.length);
    octets.copy(copy);
    return new DhkemPublicKey(this, copy, this.point(octets));
  }

  deserializePrivateKey(octets: Buffer): KemPrivateKey {
    if (octets.length !== this.Nsk) {
      throw new CryptoError(
        'deserialize-failed',
        `a private key of ${octets.length} octets for ${this.name}`,
      );
    }
    return new DhkemPrivateKey(this, Buffer.from(octets));
  }

  /** @throws CryptoError `deserialize-failed` for octets that are no point of the group */
  point(octets: Buffer): EcPublicKey {
    try {
      return ecPublicKey(this.group.name, octets);
    } catch (error) {
      throw new CryptoError('deserialize-failed', `not a public key for ${this.name}`, { cause: error });
    }
  }

  /**
   * DH of RFC 9180 section 4.1. @throws CryptoError `deserialize-failed` for octets that are no point of the group,
   * `validation-failed` where X25519 gives zeros
   */
  dh(skX: EcPrivateKey, pkY: Buffer): Buffer {
    const dh = skX.agree(pkY);
    if (dh === undefined) {
      throw this.refused(pkY);
    }
    return dh;
  }

  /** Why nobody agrees on anything with a public key. */
  refused(pkY: Buffer): CryptoError {
    return new CryptoError(
      pkY.length === this.Npk ? this.group.refusal : 'deserialize-failed',
      `no agreement with a public key of ${pkY.length} octets for ${this.name}`,
    );
  }
}

export class DhkemPublicKey implements KemPublicKey {
  /**
   * @param octets of a point of the group
   * @param key the same point, where it has been imported
   */
  constructor(
    private readonly kem: Dhkem,
    readonly octets: Buffer,
    private key?: EcPublicKey,
  ) {}

  get kemId(): number {
    return this.kem.kemId;
  }

  encap(ephemeral?: EphemeralInput): Encapsulation {
    const { enc, dh } = ephemeral === undefined ? this.fresh() : this.reproduced(ephemeral);
    return { sharedSecret: extractAndExpand(this.kem.kdf, dh, Buffer.concat([enc, this.octets])), enc };
  }

  private fresh(): { enc: Buffer; dh: Buffer } {
    this.key ??= this.kem.point(this.octets);
    const both = this.key.encapsulate();
    if (both === undefined) {
      throw this.kem.refused(this.octets);
    }
    return { enc: both.subarray(0, this.kem.Nenc), dh: both.subarray(this.kem.Nenc) };
  }

  private reproduced(ephemeral: EphemeralInput): { enc: Buffer; dh: Buffer } {
    const { group, kdf } = this.kem;
    const scalar = group.deriveScalar(kdf, ephemeralKeyMaterial(ephemeral));
    const skE = group.keyPair(scalar);
    try {
      return { enc: skE.point(), dh: this.kem.dh(skE, this.octets) };
    } finally {
      skE.release();
      wipe(scalar);
    }
  }
}

/** A private key that OpenSSL alone holds. */
export class DhkemDecapsulationKey implements DecapsulationKey {
  /** Its public point. */
  readonly point: Buffer;

  constructor(
    private readonly kem: Dhkem,
    private readonly key: EcPrivateKey,
  ) {
    this.point = key.point();
  }

  get kemId(): number {
    return this.kem.kemId;
  }

  decap(enc: Buffer): Buffer {
    const dh = this.kem.dh(this.key, enc);
    return extractAndExpand(this.kem.kdf, dh, Buffer.concat([enc, this.point]));
  }

  erase(): void {
    this.key.release();
  }
}

class DhkemPrivateKey implements KemPrivateKey {
  readonly public: DhkemPublicKey;
  private readonly scalar: ErasableOctets;
  private readonly key: DhkemDecapsulationKey;

  /** @param scalar of Nsk octets; kept, and wiped by `erase` */
  constructor(
    private readonly kem: Dhkem,
    scalar: Buffer,
  ) {
    this.key = new DhkemDecapsulationKey(kem, kem.group.keyPair(scalar));
    this.scalar = new ErasableOctets(scalar);
    this.public = new DhkemPublicKey(kem, this.key.point);
  }

  get kemId(): number {
    return this.kem.kemId;
  }

  decap(enc: Buffer): Buffer {
    this.scalar.require();
    return this.key.decap(enc);
  }

  serialize(): Buffer {
    return Buffer.from(this.scalar.require());
  }

  erase(): void {
    this.scalar.erase();
    this.key.erase();
  }
}

export const dhkemX25519 = new Dhkem('x25519', KemId.X25519, KdfId.HkdfSha256, AeadId.Aes128Gcm, groupX25519);
export const dhkemP256 = new Dhkem('p-256', KemId.P256, KdfId.HkdfSha256, AeadId.Aes128Gcm, groupP256);
export const dhkemP384 = new Dhkem('p-384', KemId.P384, KdfId.HkdfSha384, AeadId.Aes256Gcm, groupP384);

/** The KEM of the key of a credential (docs/protocol.md 9). */
export function dhkemFor(keyType: 'P-256' | 'P-384'): Dhkem {
  return keyType === 'P-256' ? dhkemP256 : dhkemP384;
}
