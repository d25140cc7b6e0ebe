// SPDX-License-Identifier: MPL-2.0

import type { EcPublicKey } from '../bridge';
import { type Curve, p256, p384 } from './curve';
import { EcPrivate } from './ecdh';
import { type EphemeralInput, ephemeralKeyMaterial } from './ephemeral-input';
import { CryptoError } from './errors';
import { kdfById, type LabeledKdf } from './kdf';
import { type Encapsulation, extractAndExpand, kemKdf } from './kem';
import { KdfId, KemId } from './suite';
import { wipe } from './wipe';

/** A recipient's point, and the key that was made of it. */
export interface EcRecipient {
  /** Uncompressed. */
  readonly point: Buffer;
  readonly key: EcPublicKey;
}

/** What an ephemeral key has agreed on with the recipient's. */
interface Agreement {
  readonly enc: Buffer;
  readonly dh: Buffer;
}

/** DHKEM of RFC 9180 section 4.1 on a NIST curve. */
export class Dhkem {
  constructor(
    readonly kemId: number,
    private readonly curve: Curve,
    private readonly kdf: LabeledKdf,
  ) {}

  encap(pkR: EcRecipient, ephemeral?: EphemeralInput): Encapsulation {
    const { enc, dh } = ephemeral === undefined ? this.fresh(pkR) : this.reproduced(pkR, ephemeral);
    return { sharedSecret: extractAndExpand(this.kdf, dh, Buffer.concat([enc, pkR.point])), enc };
  }

  private fresh({ key }: EcRecipient): Agreement {
    const both = key.encapsulate();
    if (both === undefined) {
      throw new CryptoError('deserialize-failed', `no agreement with a key on ${this.curve.keyType}`);
    }
    return { enc: both.subarray(0, this.curve.Npk), dh: both.subarray(this.curve.Npk) };
  }

  private reproduced({ point }: EcRecipient, ephemeral: EphemeralInput): Agreement {
    const skE = this.derive(ephemeral);
    return { enc: skE.point, dh: skE.dh(point) };
  }

  private derive(ephemeral: EphemeralInput): EcPrivate {
    const scalar = this.deriveScalar(ephemeralKeyMaterial(ephemeral));
    const skE = new EcPrivate(this.curve, scalar);
    wipe(scalar);
    return skE;
  }

  /** @throws CryptoError `deserialize-failed` if enc is not on the curve */
  decap(enc: Buffer, skR: EcPrivate): Buffer {
    const dh = skR.dh(enc);
    return extractAndExpand(this.kdf, dh, Buffer.concat([enc, skR.point]));
  }

  /** The private half of DeriveKeyPair (RFC 9180 section 7.1.3): Nsk octets. */
  deriveScalar(ikm: Buffer): Buffer {
    const { Nsk, order } = this.curve;
    const dkpPrk = this.kdf.labeledExtract(Buffer.alloc(0), 'dkp_prk', ikm);
    // The bitmask of both curves is 0xff: it changes nothing.
    for (let counter = 0; counter <= 255; counter += 1) {
      const candidate = this.kdf.labeledExpand(dkpPrk, 'candidate', Buffer.of(counter), Nsk);
      const scalar = BigInt(`0x${candidate.toString('hex')}`);
      if (scalar !== 0n && scalar < order) {
        return candidate;
      }
    }
    throw new CryptoError('derive-key-pair-failed', `no scalar of ${this.curve.keyType} in 256 candidates`);
  }
}

const dhkemP256 = new Dhkem(KemId.DhkemP256, p256, kemKdf(KemId.DhkemP256, kdfById(KdfId.HkdfSha256)));
const dhkemP384 = new Dhkem(KemId.DhkemP384, p384, kemKdf(KemId.DhkemP384, kdfById(KdfId.HkdfSha384)));

export function dhkemFor(curve: Curve): Dhkem {
  return curve.keyType === 'P-256' ? dhkemP256 : dhkemP384;
}
