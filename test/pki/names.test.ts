// SPDX-License-Identifier: MPL-2.0

import { EndEntity, isNameless, matchServerName, sameIdentity } from '../../src/pki';
import { certificate, extension, extensions } from './support/certificate-parts';
import { element, integer, name, Oid, sequence } from './support/der';

interface Names {
  readonly subject?: Buffer;
  readonly issuer?: Buffer;
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  readonly serial?: number;
}

function named({ subject = name('host'), issuer = name('issuer'), dns = [], uri = [], serial = 1 }: Names) {
  const names = [
    ...dns.map((text) => element(0x82, Buffer.from(text))),
    ...uri.map((text) => element(0x86, Buffer.from(text))),
  ];
  const rest = names.length === 0 ? [] : [extensions(extension(Oid.subjectAltName, sequence(...names)))];
  return EndEntity.parse(certificate({ subject, issuer, rest, serialNumber: integer(serial) }));
}

describe("a server's name", () => {
  const server = named({
    subject: name('common.example.net'),
    dns: ['dhcp.example.net', '*.wild.example.net'],
    uri: ['dhcp://Site-1/'],
  });

  test.each([
    ['as it stands', 'dhcp.example.net', true],
    ['in another case', 'DHCP.Example.NET', true],
    ['a URI as it stands', 'dhcp://Site-1/', true],
    ['a URI in another case', 'dhcp://site-1/', false],
    ['the common name', 'common.example.net', false],
    ['a name that a wildcard would match', 'a.wild.example.net', false],
    ['the wildcard itself', '*.wild.example.net', false],
    ['a name below', 'a.dhcp.example.net', false],
    ['a name above', 'example.net', false],
    ['a part', 'dhcp', false],
    ['nothing', '', false],
    ['the Kelvin sign for a k', '\u212a', false],
  ])('%s', (_name, wanted, matches) => {
    expect(matchServerName(server, wanted)).toBe(matches);
  });

  test('letters that only Unicode takes for the same are different', () => {
    expect(matchServerName(named({ dns: ['k'] }), '\u212a')).toBe(false);
    expect(matchServerName(named({ dns: ['k'] }), 'K')).toBe(true);
  });
});

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
    expect(isNameless(nobody)).toBe(true);
    expect(sameIdentity(nobody, nobody)).toBe(false);
    expect(isNameless(original)).toBe(false);
  });
});
