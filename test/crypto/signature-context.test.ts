// SPDX-License-Identifier: MPL-2.0

import {
  ContextSignatureAlgorithm,
  contextSignatureAlgorithmFor,
  HashAlgorithm,
  sign,
  SignatureAlgorithm,
  signInContext,
  type SignatureContext,
  verify,
  verifyInContext,
} from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex, namedKey, vectors } from './support/vectors';

interface QueryVector {
  readonly client: string;
  readonly deterministic: boolean;
  readonly ha_id: number;
  readonly sa_id: number;
  readonly signed_octets: string;
  readonly signature: string;
}

const queries = (vectors('protocol/opening-query.json') as { cases: QueryVector[] }).cases;
const queryPrefix = Buffer.from('dhcpv6-encryption-01 signed query\0', 'ascii');

describe.each(queries.map((vector, index) => ({ ...vector, index })))(
  'docs/protocol.md 4.2, opening query $index by $client',
  (vector) => {
    const key = namedKey(vector.client);
    const { ha_id: haId, sa_id: saId } = vector;
    const data = hex(vector.signed_octets).subarray(queryPrefix.length);

    test('is signed in the context of queries', () => {
      expect(hex(vector.signed_octets).subarray(0, queryPrefix.length)).toEqual(queryPrefix);
      const signature = hex(vector.signature);
      expect(verifyInContext(key.public, haId, saId, 'query', data, signature)).toBe(true);
      const again = signInContext(key, haId, saId, 'query', data);
      expect(again.equals(signature)).toBe(vector.deterministic);
    });

    test('is signed with the algorithm of the key', () => {
      const { length } = hex(vector.signature);
      expect(contextSignatureAlgorithmFor(key.public)).toEqual({ haId, saId, signatureLength: length });
    });
  },
);

test('opening-query.json has 28 queries', () => {
  expect(queries).toHaveLength(28);
});

interface SignatureVector {
  readonly case: string;
  readonly key: string;
  readonly role: 'client' | 'server';
  readonly ha_id: number;
  readonly sa_id: number;
  readonly deterministic: boolean;
  readonly verifies: boolean;
  readonly signed_octets: string;
  readonly signature_option_data: string;
}

const signatures = (vectors('protocol/signature.json') as { cases: SignatureVector[] }).cases.filter(
  ({ verifies }) => verifies,
);

test('signature.json has each hash with each algorithm', () => {
  expect(new Set(signatures.map(({ ha_id, sa_id }) => `${ha_id} ${sa_id}`)).size).toBe(9);
});

test.each(signatures)('docs/protocol.md 2, HA-id $ha_id, SA-id $sa_id by $role $key, $case', (vector) => {
  const { role, ha_id: haId, sa_id: saId } = vector;
  const prefix = Buffer.from(`dhcpv6-encryption-01 ${role}\0`, 'ascii');
  const signed = hex(vector.signed_octets);
  expect(signed.subarray(0, prefix.length)).toEqual(prefix);
  const data = signed.subarray(prefix.length);
  const signature = hex(vector.signature_option_data).subarray(2);
  const key = namedKey(vector.key);
  expect(verifyInContext(key.public, haId, saId, role, data, signature)).toBe(true);
  const again = signInContext(key, haId, saId, role, data);
  expect(verifyInContext(key.public, haId, saId, role, data, again)).toBe(true);
  expect(again.equals(signature)).toBe(vector.deterministic);
});

describe.each(['server-P-256', 'server-P-384', 'server-RSA-2048'])('which ids fit which key: %s', (name) => {
  const key = namedKey(name);
  const data = Buffer.from('data');
  const isRsa = key.public.keyType === 'RSA';
  const { RsaPkcs1, Ecdsa, RsaPss } = ContextSignatureAlgorithm;
  const fitting: readonly number[] = isRsa ? [RsaPkcs1, RsaPss] : [Ecdsa];

  test.each([0, 1, 2, 3, 4, 5, 0xff])('HA-id %i', (haId) => {
    const signature = Buffer.alloc(64);
    for (const saId of [0, 1, 2, 3, 4, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xff, 0x181]) {
      if ((Object.values(HashAlgorithm) as number[]).includes(haId) && fitting.includes(saId)) {
        const signed = signInContext(key, haId, saId, 'server', data);
        expect(verifyInContext(key.public, haId, saId, 'server', data, signed)).toBe(true);
      } else {
        const refused = 'algorithm-not-supported';
        expect(codeOf(() => signInContext(key, haId, saId, 'server', data))).toBe(refused);
        expect(codeOf(() => verifyInContext(key.public, haId, saId, 'server', data, signature))).toBe(
          refused,
        );
      }
      if (saId > 3) {
        expect(codeOf(() => sign(key, haId, saId, data))).toBe('algorithm-not-supported');
        expect(codeOf(() => verify(key.public, haId, saId, data, signature))).toBe('algorithm-not-supported');
      }
    }
  });
});

describe.each(['client-P-256', 'client-P-384', 'client-RSA-2048'])('a signature by %s', (name) => {
  const key = namedKey(name);
  const { haId, saId } = contextSignatureAlgorithmFor(key.public);
  const plainId = saId - 0x80;
  const contexts: readonly SignatureContext[] = ['client', 'server', 'query'];
  const data = Buffer.from('data');

  test.each(contexts)('in the context of %s is one in no other', (context) => {
    const signature = signInContext(key, haId, saId, context, data);
    for (const other of contexts) {
      expect(verifyInContext(key.public, haId, saId, other, data, signature)).toBe(other === context);
    }
  });

  test('without a context is one in none, nor the other way round', () => {
    const plain = sign(key, haId, plainId, data);
    const inContext = signInContext(key, haId, saId, 'client', data);
    expect(verify(key.public, haId, plainId, data, plain)).toBe(true);
    expect(verify(key.public, haId, plainId, data, inContext)).toBe(false);
    expect(verifyInContext(key.public, haId, saId, 'client', data, plain)).toBe(false);
  });

  test('is over the context string, a zero octet and the data', () => {
    const whole = Buffer.from('dhcpv6-encryption-01 client\0data', 'ascii');
    const inContext = signInContext(key, haId, saId, 'client', data);
    expect(verify(key.public, haId, plainId, whole, inContext)).toBe(true);
    expect(verifyInContext(key.public, haId, saId, 'client', data, sign(key, haId, plainId, whole))).toBe(
      true,
    );
    expect(SignatureAlgorithm).toEqual({ RsaPkcs1: 1, Ecdsa: 2, RsaPss: 3 });
  });

  test('of another length is none', () => {
    const signature = signInContext(key, haId, saId, 'client', data);
    for (const other of [Buffer.alloc(0), signature.subarray(1), Buffer.concat([signature, Buffer.of(0)])]) {
      expect(verifyInContext(key.public, haId, saId, 'client', data, other)).toBe(false);
    }
  });
});
