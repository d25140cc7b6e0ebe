// SPDX-License-Identifier: MPL-2.0

import { deriveDuid, keyIdentifier } from '../../src/crypto';
import { hex, keyVectors, namedKey, vectors } from './support/vectors';

const { cases } = vectors('protocol/duid.json') as { cases: { spki: string; duid: string }[] };
const keys = Object.entries(keyVectors);

test('the vectors are whole', () => {
  expect([cases.length, keys.length]).toEqual([7, 7]);
});

test.each(cases)('docs/protocol.md 5.2, DUID $duid', ({ spki, duid }) => {
  expect(deriveDuid(hex(spki)).toString('hex')).toBe(duid);
});

describe.each(keys)('keys.json, %s', (name, vector) => {
  test('key identifier and DUID', () => {
    expect(keyIdentifier(hex(vector.spki)).toString('hex')).toBe(vector.key_id);
    expect(deriveDuid(hex(vector.spki)).toString('hex')).toBe(vector.duid);
  });

  test('the private key gives the same public key', () => {
    const { public: publicKey } = namedKey(name);
    expect(publicKey.spki.toString('hex')).toBe(vector.spki);
    expect(publicKey.keyId.toString('hex')).toBe(vector.key_id);
    expect(publicKey.keyType).toBe(vector.type);
  });
});
