// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { createECDH, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { ecPrivateKey, ecPublicKey } from '../../src/bridge';

const curves = [
  ['P-256', 'prime256v1', 32, 'sha256', 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'],
  [
    'P-384',
    'secp384r1',
    48,
    'sha384',
    'fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff',
  ],
] as const;

describe.each(curves)('a key on %s', (curve, name, length, hash, prime) => {
  const ecdh = createECDH(name);
  const point = ecdh.generateKeys();
  const scalar = Buffer.alloc(length);
  ecdh.getPrivateKey().copy(scalar, length - ecdh.getPrivateKey().length);
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(point);
    copy[at] = value;
    return copy;
  };
  const other = createECDH(curve === 'P-256' ? 'secp384r1' : 'prime256v1').generateKeys();
  const beyondTheField = Buffer.concat([Buffer.of(4), Buffer.from(prime, 'hex'), point.subarray(1 + length)]);

  const noPoints = [
    ['nothing', Buffer.alloc(0)],
    ['the point at infinity', Buffer.of(0)],
    ['zeros behind the mark of a point', Buffer.concat([Buffer.of(4), Buffer.alloc(2 * length)])],
    ['a compressed point', ecdh.getPublicKey(null, 'compressed')],
    ['a hybrid point', ecdh.getPublicKey(null, 'hybrid')],
    ['a point with another y', changed(2 * length, point.readUInt8(2 * length) ^ 1)],
    ['a coordinate beyond the field', beyondTheField],
    ['a point that is too short', point.subarray(0, -1)],
    ['a point that is too long', Buffer.concat([point, Buffer.of(0)])],
    ['a point of another curve', other],
  ] as const;

  test.each(noPoints)('is not made of %s, and agrees on nothing with it', (_what, octets) => {
    expect(() => ecPublicKey(curve, octets)).toThrow('not a point of the curve');
    expect(() => ecPrivateKey(curve, scalar, octets)).toThrow('no key pair');
    expect(ecPrivateKey(curve, scalar, point).agree(octets)).toBeUndefined();
    // And its own errors are no errors of Node.js.
    expect(
      createPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
        .type,
    ).toBe('private');
  });

  test('agrees as Node.js does, again and again', () => {
    const key = ecPrivateKey(curve, scalar, point);
    for (let round = 0; round < 5; round += 1) {
      const peer = createECDH(name);
      const secret = key.agree(peer.generateKeys());
      expect(secret).toEqual(peer.computeSecret(point));
    }
  });

  test('takes a scalar of the length of its order only', () => {
    for (const wrong of [scalar.subarray(1), Buffer.concat([Buffer.of(0), scalar]), Buffer.alloc(0)]) {
      expect(() => ecPrivateKey(curve, wrong, point)).toThrow('no key pair');
    }
  });

  test('encapsulates with a new key pair each time', () => {
    const key = ecPublicKey(curve, point);
    const points = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const both = key.encapsulate();
      const enc = both.subarray(0, 1 + 2 * length);
      expect(both.subarray(1 + 2 * length)).toEqual(ecdh.computeSecret(enc));
      points.add(enc.toString('hex'));
    }
    expect(points.size).toBe(5);
  });

  test('verifies what its owner has signed, and nothing else', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const key = ecPublicKey(curve, spki.subarray(-(1 + 2 * length)));
    const data = Buffer.from('signed');
    const signature = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(key.verify(hash, data, signature)).toBe(true);
    const zeros = Buffer.alloc(length);
    const wrong = [
      sign(hash, Buffer.from('other'), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      sign(hash, data, privateKey),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.of(0)]),
      Buffer.concat([zeros, signature.subarray(length)]),
      Buffer.concat([signature.subarray(0, length), zeros]),
      Buffer.alloc(2 * length, 0xff),
      Buffer.alloc(0),
    ];
    for (const octets of wrong) {
      expect(key.verify(hash, data, octets)).toBe(false);
    }
    expect(ecPublicKey(curve, point).verify(hash, data, signature)).toBe(false);
    expect(() => key.verify('no hash', data, signature)).toThrow('cannot be verified');
  });
});

test('what is no argument is refused by name', () => {
  const other = 'P-521' as 'P-256';
  expect(() => ecPublicKey(other, Buffer.alloc(65))).toThrow(/^curve: /);
  expect(() => ecPublicKey('P-256', 'point' as unknown as Buffer)).toThrow(/^point: /);
  expect(() => ecPrivateKey('P-256', 1 as unknown as Buffer, Buffer.alloc(65))).toThrow(/^scalar: /);
});
