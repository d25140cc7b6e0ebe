// SPDX-License-Identifier: MPL-2.0

import { createECDH } from 'node:crypto';
import { type EcPrivateKey, ecPrivateKey } from '../bridge';
import type { Curve } from './curve';
import { CryptoError } from './errors';

/** A private key on a curve, ready for any number of agreements. */
export class EcPrivate {
  /** Its public point, uncompressed. */
  readonly point: Buffer;
  private readonly key: EcPrivateKey;

  /** @param scalar of Nsk octets; copied */
  constructor(
    private readonly curve: Curve,
    scalar: Buffer,
  ) {
    const ecdh = createECDH(curve.name);
    ecdh.setPrivateKey(scalar);
    this.point = ecdh.getPublicKey();
    this.key = ecPrivateKey(curve.keyType, scalar, this.point);
  }

  /**
   * DH of RFC 9180 section 7.1: the x coordinate. With these curves the result cannot be the point at infinity.
   * @throws CryptoError `deserialize-failed` if the peer's point is not on the curve, or not uncompressed (RFC 9180
   * section 7.1.4)
   */
  dh(peer: Buffer): Buffer {
    const secret = this.key.agree(peer);
    if (secret === undefined) {
      throw new CryptoError('deserialize-failed', `not an uncompressed point of ${this.curve.keyType}`);
    }
    return secret;
  }
}
