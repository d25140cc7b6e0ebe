// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import { HashAlgorithm, sign, SignatureAlgorithm, signatureAlgorithmFor, verify } from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex, keyVectors, namedKey, vectors } from './support/vectors';

interface SignatureVector {
  readonly key: string;
  readonly ha_id: number;
  readonly sa_id: number;
  readonly message: string;
  readonly signed_octets?: string;
}

const signatureOption = 703;
const messageHeaderLength = 4;

interface SignedOctets {
  readonly haId: number;
  readonly saId: number;
  readonly covered: Buffer;
  readonly signature: Buffer;
}

/** Walks a message's options to its Signature option (docs/protocol.md 2). */
function signedOctetsOf(message: Buffer): SignedOctets {
  for (let at = messageHeaderLength; at < message.length; at += 4 + message.readUInt16BE(at + 2)) {
    if (message.readUInt16BE(at) === signatureOption) {
      const start = at + 4;
      const end = start + message.readUInt16BE(at + 2);
      const covered = Buffer.from(message);
      covered.fill(0, start + 2, end);
      return {
        haId: message.readUInt8(start),
        saId: message.readUInt8(start + 1),
        covered,
        signature: message.subarray(start + 2, end),
      };
    }
  }
  throw new Error('a message without a Signature option');
}

const { cases } = vectors('protocol/signature.json') as { cases: SignatureVector[] };
const plain = cases.filter(({ sa_id, signed_octets }) => sa_id <= 3 && signed_octets !== undefined);

test('signature.json has each algorithm without a context string', () => {
  expect(new Set(plain.map(({ sa_id }) => sa_id))).toEqual(new Set(Object.values(SignatureAlgorithm)));
  expect(plain).toHaveLength(10);
});

test.each(plain)(
  'docs/protocol.md 9, SA-id $sa_id by $key: what is covered, and signing it again',
  (vector) => {
    const { haId, saId, covered, signature } = signedOctetsOf(hex(vector.message));
    expect([haId, saId]).toEqual([vector.ha_id, vector.sa_id]);
    expect(covered.toString('hex')).toBe(vector.signed_octets);
    const key = namedKey(vector.key);
    expect(verify(key.public, haId, saId, covered, signature)).toBe(true);
    const again = sign(key, haId, saId, covered);
    expect(again.length).toBe(signature.length);
    expect(verify(key.public, haId, saId, covered, again)).toBe(true);
  },
);

describe('which ids fit which key', () => {
  const data = Buffer.from('data');
  const fits = (name: string, haId: number, saId: number) =>
    [1, 2, 3].includes(haId) && (keyVectors[name]!.type === 'RSA' ? [1, 3] : [2]).includes(saId);

  test.each(['server-P-256', 'server-P-384', 'server-RSA-2048'])('%s', (name) => {
    const key = namedKey(name);
    for (let haId = 0; haId <= 5; haId += 1) {
      for (let saId = 0; saId <= 5; saId += 1) {
        if (fits(name, haId, saId)) {
          expect(verify(key.public, haId, saId, data, sign(key, haId, saId, data))).toBe(true);
        } else {
          const refused = 'algorithm-not-supported';
          expect(codeOf(() => sign(key, haId, saId, data))).toBe(refused);
          expect(codeOf(() => verify(key.public, haId, saId, data, Buffer.alloc(64)))).toBe(refused);
        }
      }
    }
  });
});

describe('what is no signature', () => {
  const data = Buffer.from('data');

  test.each(['client-P-256', 'client-P-384', 'client-RSA-2048', 'client-RSA-3072'])(
    'another length: %s',
    (name) => {
      const key = namedKey(name);
      const { haId, saId, signatureLength } = signatureAlgorithmFor(key.public);
      const signature = sign(key, haId, saId, data);
      expect(signature).toHaveLength(signatureLength);
      const others = [Buffer.alloc(0), signature.subarray(1), signature.subarray(0, -1)];
      others.push(Buffer.concat([signature, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), signature]));
      for (const other of others) {
        expect(verify(key.public, haId, saId, data, other)).toBe(false);
      }
    },
  );

  test('ECDSA in DER, or with r or s zero or the order (FIPS 186-5 6.4.2)', () => {
    const { public: key } = namedKey('client-P-256');
    const { haId, saId } = signatureAlgorithmFor(key);
    const signature = sign(namedKey('client-P-256'), haId, saId, data);
    const order = hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
    for (const value of [Buffer.alloc(32), order, Buffer.alloc(32, 0xff)]) {
      expect(verify(key, haId, saId, data, Buffer.concat([value, signature.subarray(32)]))).toBe(false);
      expect(verify(key, haId, saId, data, Buffer.concat([signature.subarray(0, 32), value]))).toBe(false);
    }
  });

  test('RSASSA-PSS where PKCS#1 v1.5 is named, and the other way round', () => {
    const key = namedKey('client-RSA-2048');
    const { Sha256 } = HashAlgorithm;
    const { RsaPkcs1, RsaPss } = SignatureAlgorithm;
    expect(verify(key.public, Sha256, RsaPss, data, sign(key, Sha256, RsaPkcs1, data))).toBe(false);
    expect(verify(key.public, Sha256, RsaPkcs1, data, sign(key, Sha256, RsaPss, data))).toBe(false);
  });

  test('a signature with any one bit changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('client-P-256', 'client-P-384', 'client-RSA-2048'),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(),
        (name, octets, position) => {
          const key = namedKey(name);
          const { haId, saId } = signatureAlgorithmFor(key.public);
          const signature = sign(key, haId, saId, Buffer.from(octets));
          const bit = position % (signature.length * 8);
          signature.writeUInt8(signature.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
          expect(verify(key.public, haId, saId, Buffer.from(octets), signature)).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
});
