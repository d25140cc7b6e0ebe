// SPDX-License-Identifier: MPL-2.0

import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type ECDH,
  type KeyObject,
} from 'node:crypto';
import type { Curve } from './curve';
import { CryptoError } from './errors';

/** A peer's point on a curve, and, where it has been parsed before, the key made of it. */
export interface EcPeer {
  /** Uncompressed (SEC 1 section 2.3.3). */
  readonly point: Buffer;
  readonly publicKey?: KeyObject;
}

/** A private key on a curve, ready for any number of agreements. */
export interface EcPrivate {
  /** Its public point, uncompressed. */
  readonly point: Buffer;
  /**
   * DH of RFC 9180 section 7.1: the x coordinate. Throws `deserialize-failed` where the peer's point is not
   * one of the curve (RFC 9180 section 7.1.4; with these curves the result can't be the point at infinity).
   */
  dh(peer: EcPeer): Buffer;
}

/** Uses `scalar` (Nsk octets), or a fresh one from the system's random numbers. */
export function ecPrivate(curve: Curve, scalar?: Buffer): EcPrivate {
  const ecdh = createECDH(curve.name);
  if (scalar === undefined) {
    ecdh.generateKeys();
  } else {
    ecdh.setPrivateKey(scalar);
  }
  // ECDH objects check their own key pair at each agreement: little on P-256, whose key objects cost more to
  // make than that; a third of the time on P-384, where OpenSSL has no special code for the curve.
  // Neither way exports a key object as JWK: in Node.js 20 that can deadlock with the garbage collector.
  return curve.keyType === 'P-256' ? new EcdhObject(curve, ecdh) : new EcdhKeyObject(curve, ecdh);
}

class EcdhObject implements EcPrivate {
  readonly point: Buffer;

  constructor(
    private readonly curve: Curve,
    private readonly ecdh: ECDH,
  ) {
    this.point = ecdh.getPublicKey();
  }

  dh(peer: EcPeer): Buffer {
    requireUncompressed(this.curve, peer.point);
    try {
      return this.ecdh.computeSecret(peer.point);
    } catch (error) {
      throw notOnCurve(this.curve, error);
    }
  }
}

class EcdhKeyObject implements EcPrivate {
  readonly point: Buffer;
  private readonly privateKey: KeyObject;

  constructor(
    private readonly curve: Curve,
    ecdh: ECDH,
  ) {
    this.point = ecdh.getPublicKey();
    const scalar = ecdh.getPrivateKey();
    const der = sec1Der(curve, scalar, this.point);
    this.privateKey = createPrivateKey({ key: der, format: 'der', type: 'sec1' });
    scalar.fill(0);
    der.fill(0);
  }

  dh(peer: EcPeer): Buffer {
    try {
      const publicKey = peer.publicKey ?? importPoint(this.curve, peer.point);
      return diffieHellman({ privateKey: this.privateKey, publicKey });
    } catch (error) {
      throw error instanceof CryptoError ? error : notOnCurve(this.curve, error);
    }
  }
}

function importPoint(curve: Curve, point: Buffer): KeyObject {
  requireUncompressed(curve, point);
  return createPublicKey({ key: Buffer.concat([curve.spkiPrefix, point]), format: 'der', type: 'spki' });
}

function requireUncompressed(curve: Curve, point: Buffer): void {
  if (point.length !== curve.Npk || point[0] !== 0x04) {
    throw new CryptoError('deserialize-failed', `not an uncompressed point of ${curve.keyType}`);
  }
}

function notOnCurve(curve: Curve, cause: unknown): CryptoError {
  return new CryptoError('deserialize-failed', `not a point of ${curve.keyType}`, { cause });
}

/** ECPrivateKey of RFC 5915 section 3, with its public key: without it OpenSSL would compute it once more. */
function sec1Der(curve: Curve, scalar: Buffer, point: Buffer): Buffer {
  const body = [
    Buffer.of(0x02, 0x01, 0x01),
    Buffer.of(0x04, curve.Nsk),
    Buffer.alloc(curve.Nsk - scalar.length),
    scalar,
    Buffer.of(0xa0, curve.oid.length + 2, 0x06, curve.oid.length),
    curve.oid,
    Buffer.of(0xa1, point.length + 3, 0x03, point.length + 1, 0x00),
    point,
  ];
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const header = length < 0x80 ? Buffer.of(0x30, length) : Buffer.of(0x30, 0x81, length);
  return Buffer.concat([header, ...body]);
}
