// SPDX-License-Identifier: MPL-2.0

import { isNameless, matchServerName } from '../../src/pki';
import { name, sequence } from './support/der';
import { named } from './support/named';

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

test('a certificate is nameless that has neither a subject nor a subjectAltName', () => {
  expect(isNameless(named({ subject: sequence() }))).toBe(true);
  expect(isNameless(named({ subject: sequence(), dns: ['a.example'] }))).toBe(false);
  expect(isNameless(named({}))).toBe(false);
});
