// SPDX-License-Identifier: MPL-2.0

import { certifiedNames } from '../../../src/engine/clients/credential-verifier';
import { namesDigest } from '../../../src/engine/clients/lease-sender';
import type { EndEntity } from '../../../src/pki';
import { certifiedClient } from '../key-table/support/clients';
import { name, sequence } from '../../pki/support/der';
import { named, type Names } from '../../pki/support/named';

const clientOf = (endEntity: EndEntity) => ({
  ...certifiedClient('a', 'alice'),
  certified: certifiedNames(endEntity),
});
const sameIdentity = (one: EndEntity, other: EndEntity): boolean => {
  const [digest, another] = [one, other].map((endEntity) => namesDigest(clientOf(endEntity)));
  return digest !== undefined && another !== undefined && digest.equals(another);
};

describe('whether a certificate is the renewal of another (docs/protocol.md 8)', () => {
  const original = named({ dns: ['a.example'], serial: 1 });

  test('the same issuer, subject and subjectAltName', () => {
    expect(sameIdentity(original, named({ dns: ['a.example'], serial: 2 }))).toBe(true);
  });

  test.each<[string, Names]>([
    ['another issuer', { dns: ['a.example'], issuer: name('other') }],
    ['another subject', { dns: ['a.example'], subject: name('other') }],
    ['another name', { dns: ['b.example'] }],
    ['a name more', { dns: ['a.example', 'b.example'] }],
    ['no name', {}],
  ])('%s', (_name, names) => {
    expect(sameIdentity(original, named(names))).toBe(false);
    expect(sameIdentity(named(names), original)).toBe(false);
  });

  test('issuer and subject in another spelling are the same (RFC 5280 section 7.1), no other name is', () => {
    const spelt = { issuer: name('ISSUER '), subject: name('Host'), dns: ['a.example'] };
    expect(sameIdentity(original, named(spelt))).toBe(true);
    expect(sameIdentity(original, named({ ...spelt, dns: ['A.example'] }))).toBe(false);
  });

  test('only a subject, or only a subjectAltName, is enough', () => {
    expect(sameIdentity(named({ serial: 1 }), named({ serial: 2 }))).toBe(true);
    const withoutSubject = { subject: sequence(), dns: ['a.example'] };
    expect(
      sameIdentity(named({ ...withoutSubject, serial: 1 }), named({ ...withoutSubject, serial: 2 })),
    ).toBe(true);
  });

  test('two that name nobody are never the same', () => {
    const nobody = named({ subject: sequence() });
    expect(sameIdentity(nobody, nobody)).toBe(false);
  });
});
