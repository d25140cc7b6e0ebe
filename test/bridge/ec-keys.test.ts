// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { createECDH, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { ecPrivateKey, ecPublicKey, x25519PrivateKey } from '../../src/bridge';

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
      const both = key.encapsulate()!;
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

describe('a key on X25519', () => {
  // RFC 7748 section 6.1.
  const hex = (text: string) => Buffer.from(text, 'hex');
  const alice = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
  const alicePoint = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
  const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
  const bobPoint = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
  const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');

  test('has the point and the agreement of RFC 7748', () => {
    const key = x25519PrivateKey(alice);
    expect(key.point()).toEqual(alicePoint);
    expect(x25519PrivateKey(bob).point()).toEqual(bobPoint);
    expect(key.agree(bobPoint)).toEqual(shared);
    expect(x25519PrivateKey(bob).agree(alicePoint)).toEqual(shared);
  });

  test('encapsulates with a new key pair each time', () => {
    const key = ecPublicKey('X25519', bobPoint);
    const points = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const both = key.encapsulate()!;
      expect(both).toHaveLength(64);
      expect(x25519PrivateKey(bob).agree(both.subarray(0, 32))).toEqual(both.subarray(32));
      points.add(both.toString('hex', 0, 32));
    }
    expect(points.size).toBe(5);
  });

  // Points of low order, and the first with the bit that is not looked at.
  test.each([
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
    `${'00'.repeat(31)}80`,
  ])('agrees on nothing where the result is zero: %s', (point) => {
    expect(x25519PrivateKey(alice).agree(hex(point))).toBeUndefined();
    expect(ecPublicKey('X25519', hex(point)).encapsulate()).toBeUndefined();
  });

  test.each([0, 31, 33])('takes nothing of %i octets', (length) => {
    const octets = Buffer.alloc(length, 9);
    expect(() => ecPublicKey('X25519', octets)).toThrow('not a point of the curve');
    expect(() => x25519PrivateKey(octets)).toThrow('no key pair');
    expect(x25519PrivateKey(alice).agree(octets)).toBeUndefined();
  });

  test('signs nothing', () => {
    const key = ecPublicKey('X25519', bobPoint);
    expect(() => key.verify('sha256', alice, Buffer.alloc(64))).toThrow('cannot be verified');
  });
});

test('a private key that was released does nothing any more', () => {
  const point = createECDH('prime256v1').generateKeys();
  const scalar = Buffer.concat([Buffer.alloc(31), Buffer.of(1)]);
  for (const key of [ecPrivateKey('P-256', scalar, point), x25519PrivateKey(scalar)]) {
    expect(key.point().length).toBeGreaterThan(0);
    key.release();
    key.release();
    expect(() => key.point()).toThrow('released');
    expect(() => key.agree(point)).toThrow('released');
  }
});
