// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import {
  CryptoError,
  RecipientPrivateKey,
  RecipientPublicKey,
  setupBaseS,
  suiteFor,
  verify,
} from '../../src/crypto';
import { dhkemP256 } from '../../src/crypto/kem/dhkem';
import { extractAndExpand } from '../../src/crypto/kem/kem';
import { codeOf, rawSpki } from './support/raw-keys';
import { hex, keyVectors } from './support/vectors';

const ecOid = '06072a8648ce3d0201'; // id-ecPublicKey
const p256Oid = '06082a8648ce3d030107';
const p384Oid = '06052b81040022';
const rsaOid = '06092a864886f70d010101'; // rsaEncryption
const der = (name: string) => hex(keyVectors[name]!.spki);
const point256 = der('server-P-256').subarray(-65);
const point384 = der('server-P-384').subarray(-97);

/** One DER element; the length in its shortest form. */
function element(tag: number, ...contents: Buffer[]): Buffer {
  const octets = Buffer.concat(contents);
  const { length } = octets;
  const header =
    length < 0x80
      ? Buffer.of(tag, length)
      : length < 0x100
        ? Buffer.of(tag, 0x81, length)
        : Buffer.of(tag, 0x82, length >> 8, length & 0xff);
  return Buffer.concat([header, octets]);
}

const sequence = (...contents: Buffer[]) => element(0x30, ...contents);
const bitString = (octets: Buffer, unused = 0) => element(0x03, Buffer.of(unused), octets);
const integer = (octets: Buffer) => element(0x02, octets);
const nothing = hex('0500');

function ecSpki(oid: string, point: Buffer): Buffer {
  return sequence(sequence(hex(ecOid), hex(oid)), bitString(point));
}

/** An odd modulus of so many bits, its sign octet before it where DER wants one. */
function modulus(bits: number): Buffer {
  const octets = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  const spare = octets.length * 8 - bits;
  octets.writeUInt8(0xff >> spare, 0);
  return spare === 0 ? Buffer.concat([Buffer.of(0), octets]) : octets;
}

function rsaSpki(n: Buffer, e: Buffer, parameters: Buffer = nothing): Buffer {
  return sequence(sequence(hex(rsaOid), parameters), bitString(sequence(integer(n), integer(e))));
}

const f4 = hex('010001');
const accepted = 'nothing thrown';
const codeOfSpki = (spki: Buffer) => codeOf(() => RecipientPublicKey.fromSpki(spki));

describe('docs/protocol.md 2, keys that are accepted', () => {
  test.each(Object.entries(keyVectors))('%s', (_name, { spki, type, key_id }) => {
    const key = RecipientPublicKey.fromSpki(hex(spki));
    expect(key.keyType).toBe(type);
    expect(key.keyId.toString('hex')).toBe(key_id);
    expect(key.spki.toString('hex')).toBe(spki);
    expect(key.publicKey.export({ type: 'spki', format: 'der' }).toString('hex')).toBe(spki);
  });

  test.each([2048, 2049, 3000, 3072, 4095, 4096])('RSA of %d bits', (bits) => {
    const key = RecipientPublicKey.fromSpki(rsaSpki(modulus(bits), f4));
    expect(key.publicKey.asymmetricKeyDetails?.modulusLength).toBe(bits);
    expect(key.parsed).toMatchObject({ keyType: 'RSA', modulusLength: Math.ceil(bits / 8) });
  });

  test.each(['03', '11', '010001', '7fffffffffffffff', '00ffffffffffffffff'])(
    'RSA with the exponent %s',
    (exponent) => {
      expect(codeOfSpki(rsaSpki(modulus(2048), hex(exponent)))).toBe(accepted);
    },
  );
});

describe('docs/protocol.md 2, algorithms, curves and sizes that are not supported', () => {
  const pss = '06092a864886f70d01010a';
  const generated = (type: 'ed25519' | 'x25519') =>
    generateKeyPairSync(type as 'ed25519').publicKey.export({ type: 'spki', format: 'der' });
  const curve = (namedCurve: string) =>
    generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'der' });
  const explicit = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).publicKey;

  test.each([
    ['RSA of 1024 bits', rsaSpki(modulus(1024), f4)],
    ['RSA of 2047 bits', rsaSpki(modulus(2047), f4)],
    ['RSA of 4097 bits', rsaSpki(modulus(4097), f4)],
    ['RSA of 16384 bits', rsaSpki(modulus(16384), f4)],
    ['RSA with the modulus 0', rsaSpki(Buffer.of(0), f4)],
    ['RSASSA-PSS', sequence(sequence(hex(pss)), bitString(sequence(integer(modulus(2048)), integer(f4))))],
    ['Ed25519', generated('ed25519')],
    ['X25519', generated('x25519')],
    ['P-521', curve('P-521')],
    ['secp256k1', curve('secp256k1')],
    ['P-224', curve('P-224')],
    ['P-256 with explicit parameters', explicit.export({ type: 'spki', format: 'der' })],
  ])('%s', (_what, spki) => {
    expect(codeOfSpki(spki)).toBe('algorithm-not-supported');
  });
});

describe('docs/protocol.md 2, strict DER', () => {
  const good = der('server-P-256');
  const algorithm = sequence(hex(ecOid), hex(p256Oid));
  const rsaAlgorithm = sequence(hex(rsaOid), nothing);
  const rsaKey = sequence(integer(modulus(2048)), integer(f4));
  const contents = good.subarray(2);

  test('the pieces here do make the good key', () => {
    expect(ecSpki(p256Oid, point256).equals(good)).toBe(true);
    expect(ecSpki(p384Oid, point384).equals(der('server-P-384'))).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a trailing octet', Buffer.concat([good, Buffer.of(0)])],
    ['a second key after it', Buffer.concat([good, good])],
    ['a trailing octet in the SEQUENCE', sequence(algorithm, bitString(point256), Buffer.of(0))],
    ['something after the BIT STRING', sequence(algorithm, bitString(point256), nothing)],
    [
      'something after the named curve',
      sequence(sequence(hex(ecOid), hex(p256Oid), nothing), bitString(point256)),
    ],
    ['indefinite length', Buffer.concat([hex('3080'), contents, hex('0000')])],
    ['a length in two octets that fits in one', Buffer.concat([hex('3081'), good.subarray(1)])],
    ['a length in three octets that fits in one', Buffer.concat([hex('308200'), good.subarray(1)])],
    ['a length with a leading zero', Buffer.concat([hex('30830000'), good.subarray(1)])],
    ['a length in five octets', Buffer.concat([hex('308400000059'), contents])],
    ['the length 0xff', Buffer.concat([hex('30ff'), contents])],
    ['a length that overruns', Buffer.concat([hex('305a'), contents])],
    ['a constructed BIT STRING', sequence(algorithm, element(0x23, bitString(point256)))],
    ['an OCTET STRING', sequence(algorithm, element(0x04, Buffer.of(0), point256))],
    ['a SET', element(0x31, algorithm, bitString(point256))],
    ['unused bits', sequence(algorithm, bitString(point256, 1))],
    ['eight unused bits', sequence(algorithm, bitString(point256, 8))],
    ['an empty BIT STRING', sequence(algorithm, element(0x03))],
    ['no BIT STRING', sequence(algorithm)],
    ['no named curve', sequence(sequence(hex(ecOid)), bitString(point256))],
    [
      'NULL for the named curve (implicitCurve)',
      sequence(sequence(hex(ecOid), nothing), bitString(point256)),
    ],
    ['no algorithm', sequence(bitString(point256))],
    ['RSA without NULL', sequence(sequence(hex(rsaOid)), bitString(rsaKey))],
    ['RSA with a NULL that holds something', rsaSpki(modulus(2048), f4, hex('050100'))],
    ['RSA with a NULL of long length', rsaSpki(modulus(2048), f4, hex('058100'))],
    ['RSA with other parameters', rsaSpki(modulus(2048), f4, sequence())],
    ['RSA with something after NULL', sequence(sequence(hex(rsaOid), nothing, nothing), bitString(rsaKey))],
    [
      'a trailing octet after RSAPublicKey',
      sequence(rsaAlgorithm, bitString(Buffer.concat([rsaKey, hex('00')]))),
    ],
    [
      'a third integer',
      sequence(rsaAlgorithm, bitString(sequence(integer(modulus(2048)), integer(f4), integer(f4)))),
    ],
    ['no exponent', sequence(rsaAlgorithm, bitString(sequence(integer(modulus(2048)))))],
    ['an empty RSAPublicKey', sequence(rsaAlgorithm, bitString(Buffer.alloc(0)))],
    ['a negative modulus', rsaSpki(modulus(2048).subarray(1), f4)],
    ['a modulus with one zero octet too many', rsaSpki(Buffer.concat([Buffer.of(0), modulus(2048)]), f4)],
    ['a negative exponent', rsaSpki(modulus(2048), hex('ff'))],
    ['an exponent that is not minimal', rsaSpki(modulus(2048), hex('00010001'))],
    ['an exponent without octets', rsaSpki(modulus(2048), Buffer.alloc(0))],
    ['a compressed point', ecSpki(p256Oid, Buffer.concat([Buffer.of(3), point256.subarray(1, 33)]))],
    ['a hybrid point', ecSpki(p256Oid, Buffer.concat([Buffer.of(7), point256.subarray(1)]))],
    ['the point at infinity', ecSpki(p256Oid, Buffer.of(0))],
    ['a point of P-384 on P-256', ecSpki(p256Oid, point384)],
    ['a point of P-256 on P-384', ecSpki(p384Oid, point256)],
  ])('%s is refused', (_what, spki) => {
    expect(codeOfSpki(spki)).toBe('key-malformed');
  });

  test('every prefix is refused', () => {
    for (const spki of [good, der('client-RSA-2048')]) {
      for (let length = 0; length < spki.length; length += 1) {
        expect(codeOfSpki(spki.subarray(0, length))).toBe('key-malformed');
      }
    }
  });

  test.each<[string, Buffer]>([
    ['a point not on the curve', rawSpki('P-256', Buffer.concat([point256.subarray(0, 64), Buffer.of(0)]))],
    ['zeros for a point', rawSpki('P-384', Buffer.concat([Buffer.of(4), Buffer.alloc(96)]))],
    ['coordinates beyond the field', rawSpki('P-256', Buffer.concat([Buffer.of(4), Buffer.alloc(64, 0xff)]))],
    ['an even modulus', rsaSpki(Buffer.concat([modulus(2048).subarray(0, -1), Buffer.of(0xfe)]), f4)],
    ['the exponent 0', rsaSpki(modulus(2048), Buffer.of(0))],
    ['the exponent 1', rsaSpki(modulus(2048), Buffer.of(1))],
    ['the exponent 2', rsaSpki(modulus(2048), Buffer.of(2))],
    ['an even exponent', rsaSpki(modulus(2048), hex('010000'))],
    ['an exponent of 65 bits', rsaSpki(modulus(2048), hex('010000000000000001'))],
    ['an exponent as long as the modulus', rsaSpki(modulus(2048), modulus(2048))],
  ])('%s is no key', (_what, spki) => {
    expect(codeOfSpki(spki)).toBe('key-invalid');
  });

  test('any octets, and any good key with octets changed: the very same key or a CryptoError', () => {
    const anything = fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array));
    const changed = fc
      .tuple(
        fc.constantFrom(...Object.keys(keyVectors)),
        fc.array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
      )
      .map(([name, changes]) => {
        const spki = der(name);
        changes.forEach(([at, octet]) => spki.writeUInt8(octet, at));
        return spki;
      });
    fc.assert(
      fc.property(fc.oneof(anything, { weight: 4, arbitrary: changed }), (spki) => {
        try {
          const { publicKey } = RecipientPublicKey.fromSpki(spki);
          expect(publicKey.export({ type: 'spki', format: 'der' }).equals(spki)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(CryptoError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a key that parses but is none', () => {
  test('an RSA modulus of random octets can be encrypted to and verifies nothing, without a surprise', () => {
    const random = fc.tuple(
      fc.uint8Array({ minLength: 256, maxLength: 512 }),
      fc.constantFrom('03', '010001'),
    );
    fc.assert(
      fc.property(
        random,
        fc.constantFrom(1, 3),
        fc.constantFrom(1, 2, 3),
        ([octets, exponent], saId, haId) => {
          const n = Buffer.from(octets);
          n.writeUInt8(n.readUInt8(0) | 0x80, 0);
          n.writeUInt8(n.readUInt8(n.length - 1) | 1, n.length - 1);
          const key = RecipientPublicKey.fromSpki(rsaSpki(Buffer.concat([Buffer.of(0), n]), hex(exponent)));
          expect(setupBaseS(suiteFor('RSA'), key, Buffer.alloc(0)).enc).toHaveLength(n.length);
          for (const signature of [Buffer.alloc(n.length), Buffer.alloc(n.length, 0xff), n]) {
            expect(verify(key, haId, saId, Buffer.from('data'), signature)).toBe(false);
          }
        },
      ),
    );
  });
});

describe('RecipientPrivateKey', () => {
  test('a public and a secret key are refused', () => {
    const publicKey = createPublicKey(keyVectors['server-P-256']!.public_pem);
    expect(codeOf(() => RecipientPrivateKey.fromKeyObject(publicKey))).toBe('key-invalid');
    expect(codeOf(() => RecipientPrivateKey.fromKeyObject(createSecretKey(Buffer.alloc(32))))).toBe(
      'key-invalid',
    );
  });

  test.each(['ed25519', 'x25519'] as const)('%s is refused', (type) => {
    const { privateKey } = generateKeyPairSync(type as 'ed25519');
    expect(codeOf(() => RecipientPrivateKey.fromKeyObject(privateKey))).toBe('algorithm-not-supported');
  });

  test('a small scalar keeps its leading zeros', () => {
    // The base point, whose scalar is 1.
    const scalar = Buffer.concat([Buffer.alloc(31), Buffer.of(1)]);
    const x = hex('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
    const y = hex('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5');
    const key = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        d: scalar.toString('base64url'),
        x: x.toString('base64url'),
        y: y.toString('base64url'),
      },
    });
    const privateKey = RecipientPrivateKey.fromKeyObject(key);
    const point = Buffer.concat([Buffer.of(4), x, y]);
    expect(privateKey.public.spki.equals(rawSpki('P-256', point))).toBe(true);
    // One times a point is the point.
    const sharedSecret = extractAndExpand(
      dhkemP256.kdf,
      Buffer.from(point256.subarray(1, 33)),
      Buffer.concat([point256, point]),
    );
    expect(privateKey.decap(point256)).toEqual(sharedSecret);
  });
});
