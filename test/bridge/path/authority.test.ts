// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { generateKeyPairSync } from 'node:crypto';
import {
  algorithms,
  basicConstraints,
  extension,
  extKeyUsage,
  ids,
  keyIdentifier,
  keyUsage,
  name,
  newKey,
  rsaSpki,
  spkiOf,
  usage,
  validity,
} from './support/certificates';
import {
  bitString,
  explicit,
  implicit,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  utcTime,
  yes,
} from './support/der';
import {
  authority,
  Authority,
  type Changes,
  dns,
  root,
  subjectAltName,
  verdictOf,
  verify,
  withExtension,
  without,
} from './support/pki';

/** An authorityKeyIdentifier without keyIdentifier, of a certificate that `issuer` has issued. */
function namingIssuer(issuer: string, serial: number): Changes {
  const names = explicit(1, explicit(4, name(issuer)));
  return withExtension(
    ids.authorityKeyIdentifier,
    false,
    sequence(names, implicit(2, integer(serial).subarray(2))),
  );
}

/** End entity under an authority with these changes. */
function under(changes: Changes, endEntity: Changes = {}): Promise<string> {
  const changed = root.authority('Changed', changes);
  return verdictOf([changed.endEntity(endEntity), changed.certificate]);
}

describe('RFC 5280 sections 4.1 and 4.2: an authority on the path', () => {
  test.each<[string, Changes, string]>([
    ['version 1', { version: Buffer.alloc(0), extensionList: [] }, '1 not-a-ca'],
    ['serial number 0', { serial: integer(0) }, '1 serial-number'],
    ['SHA-1', { algorithm: algorithms.ecdsaWithSha1, hash: 'sha1' }, '1 signature-algorithm'],
    ['two signature algorithms', { outerAlgorithm: algorithms.ecdsaWithSha384 }, '1 signature-algorithm'],
    ['a signature that is none', { signature: Buffer.alloc(70, 1) }, '1 signature'],
    ['expired', { notAfter: utcTime(validity.now - 1) }, '1 expired'],
    ['not yet valid', { notBefore: utcTime(validity.now + 1) }, '1 not-yet-valid'],
    ['no basicConstraints', { extensions: { [ids.basicConstraints]: undefined } }, '1 not-a-ca'],
    [
      'basicConstraints of no CA',
      { extensions: { [ids.basicConstraints]: basicConstraints() } },
      '1 not-a-ca',
    ],
    [
      'basicConstraints: a negative path length',
      withExtension(ids.basicConstraints, true, sequence(yes, Buffer.from([2, 1, 0xff]))),
      '0 issuer-unknown',
    ],
    ['no keyUsage', { extensions: { [ids.keyUsage]: undefined } }, '1 key-usage'],
    [
      'keyUsage without keyCertSign',
      { extensions: { [ids.keyUsage]: keyUsage(usage.crlSign) } },
      '1 not-a-ca',
    ],
    ['unknown critical extension', withExtension('1.2.3.4', true, nothing), '1 unknown-critical-extension'],
    [
      'authorityKeyIdentifier: empty',
      withExtension(ids.authorityKeyIdentifier, false, sequence()),
      '1 authority-key-identifier',
    ],
    [
      'authorityKeyIdentifier: of another key',
      withExtension(ids.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(authority.spki)))),
      '1 issuer-unknown',
    ],
    [
      'subjectKeyIdentifier: not what the end entity names',
      withExtension(ids.subjectKeyIdentifier, false, octetString(Buffer.alloc(20))),
      '0 issuer-unknown',
    ],
    [
      'extKeyUsage for other purposes',
      { extensions: { [ids.extKeyUsage]: extKeyUsage('1.3.6.1.5.5.7.3.4') } },
      '1 purpose',
    ],
    [
      'policyConstraints not critical',
      withExtension(ids.policyConstraints, false, sequence(implicit(0, Buffer.alloc(1)))),
      '1 policy-extension',
    ],
    [
      'inhibitAnyPolicy not critical',
      withExtension(ids.inhibitAnyPolicy, false, integer(0)),
      '1 policy-extension',
    ],
    [
      'nameConstraints not critical',
      withExtension(ids.nameConstraints, false, sequence(explicit(0, sequence(dns('example.com'))))),
      '1 name-constraints',
    ],
  ])('%s', async (_name, changes, verdict) => {
    await expect(under(changes)).resolves.toBe(verdict);
  });

  test('basicConstraints not critical: taken, and warned of (section 4.2.1.9)', async () => {
    const lax = withExtension(ids.basicConstraints, false, sequence(yes));
    const warning = /^certificate (\d) \(CN=(\w+)\): basicConstraints is not critical/;
    const warningsOf = async (...args: Parameters<typeof verify>): Promise<(string | undefined)[]> => {
      const result = await verify(...args);
      expect(result.accepted).toBe(true);
      return result.accepted ? result.warnings.map((text) => warning.exec(text)?.slice(1).join(' ')) : [];
    };
    const below = root.authority('Lax', lax);
    expect(await warningsOf([below.endEntity(), below.certificate])).toEqual(['1 Lax']);
    const anchor = Authority.root(lax, newKey(), 'Old');
    const anchors = { anchors: [anchor.certificate] };
    expect(await warningsOf([anchor.endEntity()], {}, anchors)).toEqual(['1 Old']);
    expect(await warningsOf([authority.endEntity(), authority.certificate])).toEqual([]);
    // It says that it is no CA all the same.
    const none = root.authority('None', withExtension(ids.basicConstraints, false, sequence()));
    await expect(verdictOf([none.endEntity(), none.certificate])).resolves.toBe('1 not-a-ca');
  });

  test.each<[string, Changes, Changes]>([
    ['authority lacks authorityKeyIdentifier', without(ids.authorityKeyIdentifier), {}],
    ['authority lacks subjectKeyIdentifier', without(ids.subjectKeyIdentifier), {}],
    ['authority lacks both', without(ids.authorityKeyIdentifier, ids.subjectKeyIdentifier), {}],
    ['end entity lacks authorityKeyIdentifier', {}, without(ids.authorityKeyIdentifier)],
    [
      'end entity and authority lack all',
      without(ids.authorityKeyIdentifier, ids.subjectKeyIdentifier),
      without(ids.authorityKeyIdentifier),
    ],
    ['end entity names its issuer by issuer and serial number', {}, namingIssuer('Root', 4711)],
  ])('key identifiers are no condition: %s', async (_name, changes, endEntity) => {
    await expect(under(changes, endEntity)).resolves.toBe('accepted');
    // Nor do they take the place of a signature.
    const impostor = Authority.root(changes, newKey(), 'Changed');
    await expect(verdictOf([impostor.endEntity(endEntity), impostor.certificate])).resolves.toMatch(
      /self-signed|issuer-unknown|signature/,
    );
  });

  test.each([
    ['name', namingIssuer('Other', 4711)],
    ['serial number', namingIssuer('Root', 4712)],
  ])('an issuer and serial number of another %s find no path', async (_name, endEntity) => {
    await expect(under({}, endEntity)).resolves.toBe('0 issuer-unknown');
  });

  test('an empty subjectKeyIdentifier is no absent one', async () => {
    const empty = withExtension(ids.subjectKeyIdentifier, false, octetString(Buffer.alloc(0)));
    await expect(under(empty, without(ids.authorityKeyIdentifier))).resolves.toBe('1 subject-key-identifier');
  });

  test.each<[string, Changes, string]>([
    ['none', {}, 'accepted'],
    ['clientAuth', { extensions: { [ids.extKeyUsage]: extKeyUsage(ids.clientAuth) } }, 'accepted'],
    ['serverAuth', { extensions: { [ids.extKeyUsage]: extKeyUsage(ids.serverAuth) } }, '1 purpose'],
    ['any', { extensions: { [ids.extKeyUsage]: extKeyUsage(ids.anyExtendedKeyUsage) } }, '1 purpose'],
  ])('its extKeyUsage, where present, allows the purpose: %s', async (_name, changes, verdict) => {
    await expect(under(changes)).resolves.toBe(verdict);
    const anchor = Authority.root(changes, newKey(), 'Anchor');
    await expect(verdictOf([anchor.endEntity()], {}, { anchors: [anchor.certificate] })).resolves.toBe(
      verdict,
    );
  });

  test('may have a key on P-384 or P-521, or of RSA', async () => {
    for (const curve of ['P-384', 'P-521']) {
      const other = root.authority('Other', {}, newKey(curve));
      await expect(verdictOf([other.endEntity(), other.certificate])).resolves.toBe('accepted');
    }
    const rsa = (modulusLength: number) =>
      root.authority('RSA', {}, generateKeyPairSync('rsa', { modulusLength }).privateKey);
    const strong = rsa(2048);
    const weak = rsa(1024);
    const signed = { algorithm: algorithms.rsaWithSha256 };
    await expect(verdictOf([strong.endEntity(signed), strong.certificate])).resolves.toBe('accepted');
    await expect(verdictOf([weak.endEntity(signed), weak.certificate])).resolves.toBe('1 key-size');
  });

  test.each<[string, Buffer, string]>([
    ['RSA of 8193 bits', rsaSpki(8193), '1 key-size'],
    ['RSA with an exponent of 65 bits', rsaSpki(2048, 2n ** 64n + 1n), '1 key-size'],
  ])('a key that may not: %s', async (_name, spki, verdict) => {
    // Nothing is signed with it: what counts is that the key is looked at before any signature of its.
    const certificate = root.authorityCertificate('Weak', spki);
    const weak = new Authority(name('Weak'), newKey(), certificate, spki);
    await expect(verdictOf([weak.endEntity(), certificate])).resolves.toBe(verdict);
  });
});

describe('RFC 5280 section 6.1: the path', () => {
  test('is found among certificates in any order, the store’s too', async () => {
    const lower = authority.authority('Lower');
    const unrelated = Authority.root({}, newKey(), 'Unrelated');
    const endEntity = lower.endEntity();
    await expect(
      verdictOf([endEntity, unrelated.certificate, authority.certificate, lower.certificate]),
    ).resolves.toBe('accepted');
    await expect(
      verdictOf([endEntity, lower.certificate], {}, { intermediates: [authority.certificate] }),
    ).resolves.toBe('accepted');
    await expect(verdictOf([endEntity, lower.certificate])).resolves.toBe('1 issuer-unknown');
  });

  test('needs a trust anchor of the store, not one that comes along', async () => {
    const other = Authority.root({}, newKey(), 'Other Root');
    await expect(verdictOf([other.endEntity(), other.certificate])).resolves.toBe('1 self-signed');
    await expect(
      verdictOf([authority.endEntity(), authority.certificate], {}, { anchors: [] }),
    ).resolves.toBe('1 issuer-unknown');
    // The same name and another key.
    const impostor = Authority.root({}, newKey(), 'Root');
    await expect(verdictOf([impostor.endEntity(), impostor.certificate])).resolves.toMatch(
      /^1 self-signed|issuer/,
    );
  });

  test('may end at an authority that is trusted itself', async () => {
    await expect(verdictOf([authority.endEntity()], {}, { anchors: [authority.certificate] })).resolves.toBe(
      'accepted',
    );
  });

  test('is more than a trusted certificate', async () => {
    const endEntity = authority.endEntity();
    await expect(verdictOf([endEntity], {}, { anchors: [endEntity] })).resolves.toBe(
      '0 end-entity-is-trust-anchor',
    );
    await expect(
      verdictOf([endEntity, authority.certificate], {}, { anchors: [endEntity, root.certificate] }),
    ).resolves.toBe('accepted');
  });

  test('a self-signed end entity has none', async () => {
    const key = newKey();
    const self = new Authority(name('Self'), key, Buffer.alloc(0));
    const certificate = self.endEntity({ spki: spkiOf(key) }, 'Self');
    await expect(verdictOf([certificate])).resolves.toBe('0 self-signed');
    await expect(verdictOf([certificate], {}, { anchors: [certificate] })).resolves.toBe(
      '0 end-entity-is-trust-anchor',
    );
  });

  test('an end entity issues nothing', async () => {
    const key = newKey();
    const spki = spkiOf(key);
    const certificate = authority.endEntity(
      {
        spki,
        extensions: {
          [ids.subjectKeyIdentifier]: extension(
            ids.subjectKeyIdentifier,
            false,
            octetString(keyIdentifier(spki)),
          ),
        },
      },
      'Issuer',
    );
    const pretender = new Authority(name('Issuer'), key, certificate);
    await expect(
      verdictOf([pretender.endEntity({}, 'Victim'), certificate, authority.certificate]),
    ).resolves.toMatch(/^1 (not-a-ca|key-usage)|^0 issuer-unknown/);
  });

  test('an expired trust anchor ends it', async () => {
    const old = Authority.root({ notAfter: utcTime(validity.now - 1) }, newKey(), 'Old');
    await expect(verdictOf([old.endEntity()], {}, { anchors: [old.certificate] })).resolves.toBe('1 expired');
  });

  test('the self-signature of a trust anchor is of no concern', async () => {
    const broken = Authority.root(
      { algorithm: algorithms.ecdsaWithSha1, hash: 'sha1' },
      newKey(),
      'SHA-1 Root',
    );
    await expect(verdictOf([broken.endEntity()], {}, { anchors: [broken.certificate] })).resolves.toBe(
      'accepted',
    );
  });

  test.each<[string, Changes]>([
    ['basicConstraints', { extensions: { [ids.basicConstraints]: undefined } }],
    ['keyUsage', { extensions: { [ids.keyUsage]: undefined } }],
  ])('a trust anchor without %s is none', async (_name, changes) => {
    const bad = Authority.root(changes, newKey(), 'Bad');
    await expect(verdictOf([bad.endEntity()], {}, { anchors: [bad.certificate] })).resolves.toMatch(/^1 /);
  });

  test('a trust anchor may lack key identifiers, but may not name another key as its own', async () => {
    const bare = Authority.root(
      without(ids.authorityKeyIdentifier, ids.subjectKeyIdentifier),
      newKey(),
      'Bare',
    );
    const odd = Authority.root(
      withExtension(ids.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(root.spki)))),
      newKey(),
      'Odd',
    );
    await expect(verdictOf([bare.endEntity()], {}, { anchors: [bare.certificate] })).resolves.toBe(
      'accepted',
    );
    await expect(verdictOf([odd.endEntity()], {}, { anchors: [odd.certificate] })).resolves.toBe(
      '1 authority-key-identifier',
    );
  });

  test('keeps to path length constraints', async () => {
    const short = root.authority('Short', {
      extensions: { [ids.basicConstraints]: basicConstraints(yes, integer(0)) },
    });
    await expect(verdictOf([short.endEntity(), short.certificate])).resolves.toBe('accepted');
    const below = short.authority('Below');
    await expect(verdictOf([below.endEntity(), below.certificate, short.certificate])).resolves.toBe(
      '2 path-length-constraint',
    );
  });

  test('has at most eight authorities between end entity and trust anchor', async () => {
    const authorities = [root];
    for (let i = 1; i <= 9; ++i) {
      authorities.push(authorities.at(-1)!.authority(`Authority ${String(i)}`));
    }
    const certificates = authorities.slice(1).map((one) => one.certificate);
    await expect(verdictOf([authorities[8]!.endEntity()], {}, { intermediates: certificates })).resolves.toBe(
      'accepted',
    );
    await expect(
      verdictOf([authorities[9]!.endEntity()], {}, { intermediates: certificates }),
    ).resolves.toMatch(/ path-too-long$/);
  });

  test('ends in a loop nowhere', async () => {
    const [a, b] = [newKey(), newKey()];
    const first = new Authority(name('A'), a, Buffer.alloc(0));
    const second = new Authority(name('B'), b, Buffer.alloc(0));
    const chain = [
      first.endEntity(),
      second.authorityCertificate('A', spkiOf(a)),
      first.authorityCertificate('B', spkiOf(b)),
    ];
    await expect(verdictOf(chain)).resolves.toMatch(/issuer-unknown$/);
  });
});

describe('RFC 5280 section 4.2.1.10: name constraints', () => {
  const subtree = (...names: readonly Buffer[]) => sequence(...names);
  const permitted = (...bases: readonly Buffer[]) => tlvOf(0, bases);
  const excluded = (...bases: readonly Buffer[]) => tlvOf(1, bases);
  const tlvOf = (number: number, bases: readonly Buffer[]) =>
    explicit(number, ...bases.map((base) => subtree(base)));
  const constraints = (...members: readonly Buffer[]) =>
    withExtension(ids.nameConstraints, true, sequence(...members));
  const address = (hex: string) => implicit(7, Buffer.from(hex, 'hex'));
  const uri = (text: string) => implicit(6, text);
  const email = (text: string) => implicit(1, text);
  const directory = (text: string) => explicit(4, name(text));

  test.each<[string, Changes, Changes, string]>([
    [
      'dNSName: the name',
      constraints(permitted(dns('example.com'))),
      subjectAltName(dns('example.com')),
      'accepted',
    ],
    [
      'dNSName: below',
      constraints(permitted(dns('example.com'))),
      subjectAltName(dns('a.b.EXAMPLE.com')),
      'accepted',
    ],
    [
      'dNSName: beside',
      constraints(permitted(dns('example.com'))),
      subjectAltName(dns('badexample.com')),
      '0 name-not-permitted',
    ],
    [
      'dNSName: one of two',
      constraints(permitted(dns('example.com'))),
      subjectAltName(dns('example.com'), dns('example.org')),
      '0 name-not-permitted',
    ],
    [
      'dNSName: excluded',
      constraints(excluded(dns('example.com'))),
      subjectAltName(dns('x.example.com')),
      '0 name-excluded',
    ],
    [
      'dNSName: excluded from what is permitted',
      constraints(permitted(dns('example.com')), excluded(dns('b.example.com'))),
      subjectAltName(dns('a.b.example.com')),
      '0 name-excluded',
    ],
    [
      'dNSName: all are excluded',
      constraints(excluded(dns(''))),
      subjectAltName(dns('a')),
      '0 name-excluded',
    ],
    [
      'dNSName: other forms are free',
      constraints(permitted(dns('example.com'))),
      subjectAltName(email('a@b.c')),
      'accepted',
    ],
    [
      'iPAddress',
      constraints(permitted(address('0a000000ff000000'))),
      subjectAltName(address('0a010203')),
      'accepted',
    ],
    [
      'iPAddress: another',
      constraints(permitted(address('0a000000ff000000'))),
      subjectAltName(address('0b010203')),
      '0 name-not-permitted',
    ],
    [
      'iPAddress: IPv6 under IPv4',
      constraints(permitted(address('0a000000ff000000'))),
      subjectAltName(implicit(7, Buffer.alloc(16, 0x0a))),
      '0 name-not-permitted',
    ],
    [
      'URI',
      constraints(permitted(uri('.example.com'))),
      subjectAltName(uri('https://a.example.com/x')),
      'accepted',
    ],
    [
      'URI: another host',
      constraints(permitted(uri('host.example.com'))),
      subjectAltName(uri('https://example.com/')),
      '0 name-not-permitted',
    ],
    [
      'URI: no host',
      constraints(permitted(uri('.example.com'))),
      subjectAltName(uri('urn:x:y')),
      '0 name-constraints',
    ],
    [
      'rfc822Name',
      constraints(permitted(email('example.com'))),
      subjectAltName(email('a@example.com')),
      'accepted',
    ],
    [
      'rfc822Name: another',
      constraints(permitted(email('example.com'))),
      subjectAltName(email('a@x.example.com')),
      '0 name-not-permitted',
    ],
    ['directoryName: of the subject', constraints(permitted(directory('End Entity'))), {}, 'accepted'],
    ['directoryName: another', constraints(permitted(directory('Somebody'))), {}, '0 name-not-permitted'],
    ['directoryName: excluded', constraints(excluded(directory('End Entity'))), {}, '0 name-excluded'],
    [
      'a form that is not understood',
      constraints(permitted(implicit(8, Buffer.from([0x2a, 3])))),
      subjectAltName(implicit(8, Buffer.from([0x2a, 3]))),
      '0 name-constraints',
    ],
  ])('%s', async (_name, changes, endEntity, verdict) => {
    await expect(under(changes, endEntity)).resolves.toBe(verdict);
  });

  test.each<[string, Changes]>([
    ['no permitted subtree', constraints(permitted())],
    ['an empty list beside another', constraints(permitted(dns('a')), excluded())],
    ['a dNSName with a leading dot', constraints(permitted(dns('.example.com')))],
    ['a dNSName that is none', constraints(excluded(dns('a..b')))],
    ['an address without a mask', constraints(permitted(address('0a000000')))],
    ['an address with a mask that is no prefix', constraints(permitted(address('0a000000ff00ff00')))],
    ['an address of 9 octets', constraints(excluded(address('0a000000ff00000000')))],
    ['a URI in place of a host', constraints(permitted(uri('https://example.com')))],
    ['an rfc822Name that is none', constraints(permitted(email('@')))],
    ['a minimum', constraints(explicit(0, sequence(dns('a'), implicit(0, Buffer.from([1])))))],
    [
      'a minimum that is the default',
      constraints(explicit(0, sequence(dns('a'), implicit(0, Buffer.from([0]))))),
    ],
    ['a maximum', constraints(explicit(0, sequence(dns('a'), implicit(1, Buffer.from([1])))))],
  ])('malformed: %s', async (_name, changes) => {
    await expect(under(changes)).resolves.toBe('1 name-constraints');
  });

  test('malformed: none', async () => {
    await expect(under(constraints())).resolves.toBe('1 malformed-extension');
  });

  test('hold on all of the path below, and from the trust anchor on', async () => {
    const constrained = Authority.root(constraints(permitted(dns('example.com'))), newKey(), 'Constrained');
    const middle = constrained.authority('Middle');
    const lower = middle.authority('Lower');
    const chain = (text: string) => [
      lower.endEntity(subjectAltName(dns(text))),
      lower.certificate,
      middle.certificate,
    ];
    const trust = { anchors: [constrained.certificate] };
    await expect(verdictOf(chain('a.example.com'), {}, trust)).resolves.toBe('accepted');
    await expect(verdictOf(chain('a.example.org'), {}, trust)).resolves.toBe('0 name-not-permitted');
    const named = constrained.authority('Named', subjectAltName(dns('example.org')));
    await expect(verdictOf([named.endEntity(), named.certificate], {}, trust)).resolves.toBe(
      '1 name-not-permitted',
    );
  });
});

describe('RFC 5280 section 6.1.1: policies', () => {
  const policy = '1.2.3.4';
  const policies = (...all: readonly string[]) =>
    withExtension(ids.certificatePolicies, false, sequence(...all.map((one) => sequence(oid(one)))));
  const required = withExtension(ids.policyConstraints, true, sequence(implicit(0, Buffer.alloc(1))));

  test('are required where a certificate says so', async () => {
    await expect(
      under({ extensions: { ...required.extensions, ...policies(policy).extensions } }, policies(policy)),
    ).resolves.toBe('accepted');
    await expect(under(required, {})).resolves.toMatch(/no-valid-policy$/);
    await expect(
      under({ extensions: { ...required.extensions, ...policies(policy).extensions } }, policies('1.2.3.5')),
    ).resolves.toMatch(/no-valid-policy$/);
  });

  test('are required where the caller says so', async () => {
    const certified = root.authority('Certified', policies(policy));
    const chain = [certified.endEntity(policies(policy)), certified.certificate];
    const request = { requireExplicitPolicy: true, policies: [policy] };
    await expect(verdictOf(chain, request)).resolves.toBe('accepted');
    await expect(verdictOf(chain, { ...request, policies: ['1.2.3.5'] })).resolves.toMatch(
      /no-valid-policy$/,
    );
    await expect(verdictOf([authority.endEntity(), authority.certificate], request)).resolves.toMatch(
      /no-valid-policy$/,
    );
  });

  test('the same policy twice is malformed', async () => {
    await expect(under({}, policies(policy, policy))).resolves.toBe('0 policy-extension');
  });

  test('any-policy is not mapped', async () => {
    const mapping = withExtension(
      ids.policyMappings,
      true,
      sequence(sequence(oid('2.5.29.32.0'), oid(policy))),
    );
    await expect(
      under({ extensions: { ...mapping.extensions, ...policies(policy).extensions } }),
    ).resolves.toBe('1 policy-extension');
  });
});

test('bit strings with unused bits in a key are no key', async () => {
  const spki = sequence(
    sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
    bitString(Buffer.alloc(65, 4), 1),
  );
  const certificate = root.authorityCertificate('Odd', spki);
  const odd = new Authority(name('Odd'), newKey(), certificate, spki);
  await expect(verdictOf([odd.endEntity(), certificate])).resolves.toMatch(/^[01] /);
});
