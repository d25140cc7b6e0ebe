// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import { loadTrustStore, type Purpose, readPemCertificates, type Validation } from '../../src/pki';

const at = (name: string) => join(__dirname, 'data', `${name}.pem`);

/** The certificates of these files live from then to 2027-02-28, the lists to 2026-12-30. */
const now = Date.UTC(2026, 11, 1);
const afterTheLists = Date.UTC(2027, 0, 15);

interface Given {
  readonly anchors: string;
  readonly crls?: readonly string[];
  readonly purpose?: Purpose;
  readonly time?: number;
}

function validate(name: string, { anchors, crls = [], purpose = 'client', time = now }: Given): Validation {
  const store = loadTrustStore({ anchors: [at(anchors)], intermediates: [], crls: crls.map(at) });
  return store.validate(readPemCertificates(at(name)), purpose, time);
}

/** Certificates and lists as easy-rsa, step-ca and Let's Encrypt make them. */
describe('what other authorities issue', () => {
  test.each<[string, string, Given, readonly string[]]>([
    [
      'under an authority whose basicConstraints are not critical (RFC 5280 section 6.1.4 (k))',
      'easyrsa-leaf',
      { anchors: 'easyrsa-old' },
      ['certificate 1 (CN=easyrsa-old,O=Test): basicConstraints is not critical (RFC 5280 section 4.2.1.9)'],
    ],
    [
      'with a complete list that has no number (RFC 5280 section 6.3.3)',
      'ours',
      { anchors: 'good', crls: ['crl-no-number'] },
      ['the CRL of CN=good,O=Test: no CRL number (RFC 5280 section 5.2.3)'],
    ],
    [
      'with a list for end entities of one distribution point, which says nothing of the anchor (section 6.1)',
      'le-cdp',
      { anchors: 'good', crls: ['crl-sharded-idp'], purpose: 'server' },
      [],
    ],
    [
      'by an authority that has no list, beside one that has',
      'second',
      { anchors: 'two-anchors', crls: ['crl-ok'] },
      [],
    ],
    ['by the one that has', 'ours', { anchors: 'two-anchors', crls: ['crl-ok'] }, []],
  ])('is accepted %s', (_, name, given, warnings) => {
    expect(validate(name, given)).toMatchObject({ accepted: true, warnings });
  });

  test.each<[string, string, Given, string]>([
    [
      'with a list that is over',
      'ours',
      { anchors: 'two-anchors', crls: ['crl-ok'], time: afterTheLists },
      'crl-expired',
    ],
    [
      'with a list of another distribution point than its own',
      'ours',
      { anchors: 'good', crls: ['crl-sharded-idp'] },
      'crl-scope',
    ],
    ['by an authority that is no anchor', 'second', { anchors: 'good', crls: ['crl-ok'] }, 'issuer-unknown'],
  ])('is refused %s', (_, name, given, rule) => {
    expect(validate(name, given)).toMatchObject({ accepted: false, rule });
  });

  test('and never had a list is accepted when another authority’s is over', () => {
    const given = { anchors: 'two-anchors', crls: ['crl-ok'], time: afterTheLists };
    expect(validate('second', given)).toMatchObject({ accepted: true });
  });
});
