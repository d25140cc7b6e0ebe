// SPDX-License-Identifier: MPL-2.0

import type { IssuedKeyType } from '../src/pki';
import { runOk } from '../test/integration/support';

/** Microseconds of the public-key operations that one message cannot do without. */
export interface PrimitiveCosts {
  /** Opening query and its response: decapsulation (X25519), one signature verified, encapsulation. */
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

const signatures: Readonly<Partial<Record<IssuedKeyType, { algorithm: string; verification: string }>>> = {
  'P-256': { algorithm: 'ecdsap256', verification: 'ecdsa 256 verify' },
  'RSA-2048': { algorithm: 'rsa2048', verification: 'rsa verify' },
};

/** Measured anew at each call, so that it sees the same machine as what it is held against. */
export async function primitiveCosts(keyType: IssuedKeyType): Promise<PrimitiveCosts> {
  const signature = signatures[keyType];
  if (signature === undefined) {
    throw new Error(`no primitives are known for ${keyType}`);
  }
  const speed = await opensslSpeed([signature.algorithm, 'ecdhx25519']);
  const [verify = NaN, agreement = NaN] = [speed[signature.verification], speed['ecdh 253']];
  // DHKEM (RFC 9180 section 4.1): Decap is one Diffie-Hellman operation, Encap a key pair and another.
  return { opening: agreement + verify + 2 * agreement };
}
