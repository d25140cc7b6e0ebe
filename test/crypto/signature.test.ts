// SPDX-License-Identifier: MPL-2.0

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import {
  HashAlgorithm,
  RecipientPublicKey,
  sign,
  SignatureAlgorithm,
  signatureAlgorithmFor,
  verify,
} from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex, keyVectors, namedKey, vectors } from './support/vectors';

interface SignatureVector {
  readonly key: string;
  readonly ha_id: number;
  readonly sa_id: number;
  readonly deterministic: boolean;
  readonly signed_octets?: string;
  readonly signature_option_data?: string;
  readonly message: string;
  readonly verifies: boolean;
  readonly why?: string;
}

interface QueryVector {
  readonly server: string;
  readonly client: string;
  readonly credential_inside: string | null;
  readonly deterministic: boolean;
  readonly ha_id: number;
  readonly sa_id: number;
  readonly signed_octets: string;
  readonly signature: string;
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

test('signature.json has each hash with each algorithm', () => {
  expect(new Set(cases.map(({ ha_id, sa_id }) => `${ha_id} ${sa_id}`)).size).toBe(9);
  expect(cases.filter(({ verifies }) => verifies)).toHaveLength(30);
  expect(cases.filter(({ verifies }) => !verifies)).toHaveLength(30);
});

describe.each(cases)(
  'docs/protocol.md 2, HA-id $ha_id SA-id $sa_id by $key, verifies: $verifies',
  (vector) => {
    const { haId, saId, covered, signature } = signedOctetsOf(hex(vector.message));

    test('the message verifies as it should', () => {
      expect([haId, saId]).toEqual([vector.ha_id, vector.sa_id]);
      expect(verify(namedKey(vector.key).public, haId, saId, covered, signature)).toBe(vector.verifies);
    });

    if (vector.verifies) {
      test('the same octets are covered, and signing them again verifies', () => {
        expect(covered.toString('hex')).toBe(vector.signed_octets);
        expect(signature.toString('hex')).toBe(vector.signature_option_data?.slice(4));
        const again = sign(namedKey(vector.key), haId, saId, covered);
        expect(again.length).toBe(signature.length);
        expect(verify(namedKey(vector.key).public, haId, saId, covered, again)).toBe(true);
        expect(again.equals(signature)).toBe(vector.deterministic);
      });
    }
  },
);

const queries = (vectors('protocol/opening-query.json') as { cases: QueryVector[] }).cases;

describe.each(queries)(
  'docs/protocol.md 4.3, $client to $server with $credential_inside inside',
  (vector) => {
    test('the signature over prefix, aad and inner message verifies', () => {
      const key = namedKey(vector.client);
      const covered = hex(vector.signed_octets);
      expect(verify(key.public, vector.ha_id, vector.sa_id, covered, hex(vector.signature))).toBe(true);
      expect(signatureAlgorithmFor(key.public)).toEqual({
        haId: vector.ha_id,
        saId: vector.sa_id,
        signatureLength: vector.signature.length / 2,
      });
      const again = sign(key, vector.ha_id, vector.sa_id, covered);
      expect(again.toString('hex') === vector.signature).toBe(vector.deterministic);
    });
  },
);

test('opening-query.json has 18 queries', () => {
  expect(queries).toHaveLength(18);
});

describe("WIDE dhcp6c's Solicits", () => {
  const folder = join(__dirname, '..', 'vectors', 'wide-dhcpv6');
  const spki = createPublicKey(readFileSync(join(folder, 'rsa.pub'))).export({ type: 'spki', format: 'der' });

  test.each(['solicit-pubkey', 'solicit-cert'])('%s verifies, and not with a bit changed', (name) => {
    const key = RecipientPublicKey.fromSpki(spki);
    const { haId, saId, covered, signature } = signedOctetsOf(readFileSync(join(folder, `${name}.bin`)));
    expect(verify(key, haId, saId, covered, signature)).toBe(true);
    covered.writeUInt8(covered.readUInt8(3) ^ 1, 3);
    expect(verify(key, haId, saId, covered, signature)).toBe(false);
  });
});

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
