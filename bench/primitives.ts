// SPDX-License-Identifier: MPL-2.0

import type { IssuedKeyType } from '../src/pki';
import { runOk } from '../test/integration/support';

/** Microseconds of the public-key operations that one message cannot do without. */
export interface PrimitiveCosts {
  /** Encrypted-Request to Encrypted-Reply: two signatures verified (the message's, the certificate's), one made. */
  readonly authentication: number;
  /** Opening query and its response: decapsulation, one signature verified, encapsulation. */
  readonly opening: number;
}

type Speed = Readonly<Record<string, number>>;

const microseconds = 1e6;

/** `openssl speed` in its machine-readable form: +F2 RSA, +F4 ECDSA, +F5 ECDH; operations a second. */
async function opensslSpeed(algorithms: readonly string[]): Promise<Speed> {
  const output = await runOk('openssl', ['speed', '-mr', '-seconds', '1', ...algorithms]);
  const speed: Record<string, number> = {};
  for (const line of output.split('\n')) {
    const [kind, , bits, ...times] = line.split(':');
    const [first = NaN, second = NaN] = times.map((rate) => microseconds / Number(rate));
    if (kind === '+F2') {
      speed['rsa sign'] = first;
      speed['rsa verify'] = second;
    } else if (kind === '+F4') {
      speed[`ecdsa ${bits ?? ''} sign`] = first;
      speed[`ecdsa ${bits ?? ''} verify`] = second;
    } else if (kind === '+F5') {
      speed[`ecdh ${bits ?? ''}`] = first;
    }
  }
  return speed;
}

/** Measured anew at each call, so that it sees the same machine as what it is held against. */
export async function primitiveCosts(keyType: IssuedKeyType): Promise<PrimitiveCosts> {
  if (keyType === 'P-256') {
    const speed = await opensslSpeed(['ecdsap256', 'ecdhp256']);
    const [sign = NaN, verify = NaN, ecdh = NaN] = [
      speed['ecdsa 256 sign'],
      speed['ecdsa 256 verify'],
      speed['ecdh 256'],
    ];
    // DHKEM (RFC 9180 section 4.1): Decap is one Diffie-Hellman operation, Encap a key pair and another.
    return { authentication: 2 * verify + sign, opening: ecdh + verify + 2 * ecdh };
  }
  if (keyType === 'RSA-2048') {
    const speed = await opensslSpeed(['rsa2048']);
    const [sign = NaN, verify = NaN] = [speed['rsa sign'], speed['rsa verify']];
    // RSAES-OAEP: decryption costs what a signature does, encryption what a verification does.
    return { authentication: 2 * verify + sign, opening: sign + verify + verify };
  }
  throw new Error(`no primitives are known for ${keyType}`);
}
