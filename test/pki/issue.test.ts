// SPDX-License-Identifier: MPL-2.0

import { execFileSync } from 'node:child_process';
import {
  type Authority,
  createAuthority,
  createCrl,
  EndEntity,
  hasIssued,
  issuedKeyTypes,
  loadAuthority,
  loadIdentity,
  readCertificateRequest,
  readCrls,
  readPemCertificates,
  readPublicKeyFile,
  readRevocations,
} from '../../src/pki';
import { encodePem } from '../../src/pki/pem';
import { TestDirectory } from '../support/test-directory';
import { below, day, issue, now, root } from './support/authorities';
import { pkiError, pkiRejection } from './support/errors';
import { vectorKey } from './support/vectors';

const directory = TestDirectory.forAllTests();

let authority: Authority;
let issuing: Authority;
beforeAll(async () => {
  authority = await root();
  issuing = await below(authority);
});

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' }).toString();
const inSeconds = String(now / 1000);

/** What the real OpenSSL says: its output, or what it has against the certificate. */
function opensslVerify(purpose: string, anchor: Authority, chainPem: string, crls = ''): string {
  const args = ['verify', '-x509_strict', '-attime', inSeconds, '-purpose', purpose];
  const crlArgs = crls === '' ? [] : ['-crl_check', '-CRLfile', directory.write('verify.crl', crls)];
  const chain = directory.write('verify.pem', chainPem);
  try {
    return openssl(
      ...args,
      ...crlArgs,
      '-CAfile',
      directory.write('verify-ca.pem', anchor.certificatePem),
      '-untrusted',
      chain,
      chain,
    );
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

const opensslText = (pem: string) =>
  openssl('x509', '-noout', '-text', '-in', directory.write('text.pem', pem));

describe('certificates pass OpenSSL, for their role alone', () => {
  test.each(issuedKeyTypes)('a chain of %s', async (keyType) => {
    const anchor = await root({ keyType });
    const middle = await below(anchor, { keyType });
    const server = await issue(middle, { key: keyType });
    const client = await issue(middle, { key: keyType, purpose: 'client' });
    expect(opensslVerify('sslserver', anchor, server.certificatePem)).toContain('OK');
    expect(opensslVerify('sslclient', anchor, client.certificatePem)).toContain('OK');
    expect(opensslVerify('sslclient', anchor, server.certificatePem)).toContain(
      'unsuitable certificate purpose',
    );
    expect(opensslVerify('sslserver', anchor, client.certificatePem)).toContain(
      'unsuitable certificate purpose',
    );
  });

  test('straight below the root, without the root in the chain', async () => {
    const { certificatePem } = await issue(authority);
    expect(readPemCertificates(Buffer.from(certificatePem))).toHaveLength(1);
    expect(opensslVerify('sslserver', authority, certificatePem)).toContain('OK');
  });
});

describe('what a certificate says', () => {
  test.each([
    ['P-256', 'Digital Signature, Key Agreement', 'ecdsa-with-SHA256'],
    ['RSA-2048', 'Digital Signature, Key Encipherment', 'ecdsa-with-SHA256'],
  ] as const)('extensions with a key of type %s', async (key, keyUsage, signature) => {
    const text = opensslText((await issue(authority, { key, uri: ['dhcp://site-1/'] })).certificatePem);
    expect(text).toContain('Version: 3');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(new RegExp(`Key Usage: critical\\s+${keyUsage}\n`));
    expect(text).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\n/);
    expect(text).toContain('X509v3 Subject Key Identifier');
    expect(text).toContain('X509v3 Authority Key Identifier');
    expect(text).toMatch(/Subject Alternative Name: \s+DNS:dhcp.example.net, URI:dhcp:\/\/site-1\/\n/);
    expect(text).toContain(`Signature Algorithm: ${signature}`);
  });

  test.each([
    ['P-384', 'ecdsa-with-SHA384'],
    ['RSA-2048', 'sha256WithRSAEncryption'],
  ] as const)('an authority with %s signs with %s', async (keyType, algorithm) => {
    const anchor = await root({ keyType });
    expect(opensslText(anchor.certificatePem)).toContain(`Signature Algorithm: ${algorithm}`);
    expect(opensslText((await issue(anchor)).certificatePem)).toContain(`Signature Algorithm: ${algorithm}`);
  });

  test('an authority', () => {
    const text = opensslText(issuing.certificatePem);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(opensslText(authority.certificatePem)).toMatch(/Basic Constraints: critical\s+CA:TRUE\n/);
  });

  test('the authority key identifier is the issuer’s subject key identifier', async () => {
    const text = opensslText((await issue(authority)).certificatePem);
    const [, own] = /Subject Key Identifier: \s+(\S+)/.exec(opensslText(authority.certificatePem))!;
    expect(text).toMatch(new RegExp(`Authority Key Identifier: \\s+(?:keyid:)?${own!}`));
  });

  test('serial numbers are positive, at most 20 octets, and differ', async () => {
    const serials = await Promise.all(
      Array.from({ length: 20 }, async () => EndEntity.parse((await issue(authority)).certificate).serial),
    );
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) {
      expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
    }
  });

  test('it is valid a little earlier, for clocks that lag, and for the days that were asked for', async () => {
    const { notBefore, notAfter } = EndEntity.parse((await issue(authority, { days: 30 })).certificate);
    expect(notBefore.getTime()).toBe(now - 300_000);
    expect(notAfter.getTime()).toBe(now + 30 * day);
  });

  test('it does not outlive its issuer', async () => {
    const anchor = await root({ days: 10 });
    const { notAfter } = EndEntity.parse((await issue(anchor, { days: 365 })).certificate);
    expect(notAfter).toEqual(anchor.fields.notAfter);
    expect((await pkiRejection(issue(anchor, { now: now + 11 * day }))).code).toBe('expired');
  });

  test('beyond 2049 (RFC 5280 section 4.1.2.5)', async () => {
    const anchor = await root({ days: 36_500 });
    const { certificatePem, certificate } = await issue(anchor, { days: 30_000 });
    expect(EndEntity.parse(certificate).notAfter.getTime()).toBe(now + 30_000 * day);
    expect(opensslVerify('sslserver', anchor, certificatePem)).toContain('OK');
  });
});

describe('names', () => {
  const subjectOf = async (subject: string) => {
    const { certificate } = await issue(authority, { subject });
    const text = openssl(
      'x509',
      '-noout',
      '-subject',
      '-nameopt',
      'RFC2253,-esc_msb,utf8,-dn_rev',
      '-in',
      directory.write('subject.pem', encodePem('CERTIFICATE', certificate)),
    );
    return text.replace('subject=', '').replace(/\n$/, '');
  };

  test.each([
    ['one part', 'CN=host', 'CN=host'],
    ['several, in their order', 'C=se, O=Example, CN=host', 'C=SE,O=Example,CN=host'],
    ['a comma within', 'O=Example\\, Inc.,CN=host', 'O=Example\\, Inc.,CN=host'],
    ['two attributes in one part', 'CN=host+OU=unit', 'CN=host+OU=unit'],
    ['two that DER puts the other way round', 'OU=a unit+CN=host', 'CN=host+OU=a unit'],
    ['other alphabets', 'CN=Zoë 東京', 'CN=Zoë 東京'],
    ['a type by its number', '2.5.4.5=1234,CN=host', 'serialNumber=1234,CN=host'],
    ['an escaped space at the end', 'CN=host\\ ', 'CN=host\\ '],
    ['an equals sign within', 'CN=a=b', 'CN=a=b'],
    ['quotes, which mean nothing', 'CN="a"', 'CN=\\"a\\"'],
    ['domain components', 'DC=net,DC=example,CN=host', 'DC=net,DC=example,CN=host'],
  ])('a subject of %s', async (_name, subject, text) => {
    const parts = (await subjectOf(subject)).split('+').sort().join('+');
    expect(parts).toBe(text.split('+').sort().join('+'));
  });

  test.each([
    ['no type', 'host'],
    ['an unknown type', 'X=host'],
    ['an empty value', 'CN='],
    ['an empty part', 'CN=a,,CN=b'],
    ['a country of three letters', 'C=SWE'],
    ['a common name of 65 characters', `CN=${'a'.repeat(65)}`],
    ['an address beyond ASCII', 'E=zoë@example.net'],
    ['a type twice in one part', 'CN=a+CN=b'],
    ['a number that no type has', '1.40.1=host'],
    ['a number too large', '2.999.9999999999=host'],
  ])('a subject with %s is refused', async (_name, subject) => {
    const error = await pkiRejection(issue(authority, { subject }));
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain(subject);
  });

  test('an empty subject makes the subjectAltName critical (RFC 5280 section 4.2.1.6)', async () => {
    const { certificatePem } = await issue(authority, { subject: '' });
    expect(opensslText(certificatePem)).toContain('Subject Alternative Name: critical');
    expect(opensslVerify('sslserver', authority, certificatePem)).toContain('OK');
  });

  test('a certificate that names nobody is refused', async () => {
    expect((await pkiRejection(issue(authority, { subject: '', dns: [] }))).code).toBe('invalid-argument');
    expect((await pkiRejection(root({ subject: ' ' }))).code).toBe('invalid-argument');
  });

  test.each([
    ['a wildcard', { dns: ['*.example.net'] }, 'wildcards'],
    ['an underscore', { dns: ['a_b.example.net'] }, 'a_b.example.net'],
    ['a label of 64 characters', { dns: [`${'a'.repeat(64)}.net`] }, 'labels'],
    ['a trailing dot', { dns: ['example.net.'] }, 'labels'],
    ['a relative URI', { uri: ['/path'] }, '/path'],
    ['a URI with a space', { uri: ['dhcp://a b'] }, 'dhcp://a b'],
  ])('%s is refused', async (_name, names, text) => {
    const error = await pkiRejection(issue(authority, names));
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain(text);
  });

  test.each([0, -1, 1.5, 36_501, Number.NaN])('%d days are refused', async (days) => {
    expect((await pkiRejection(issue(authority, { days }))).message).toContain('days');
  });
});

describe('authorities below authorities', () => {
  test('as many as pathLenConstraint allows', async () => {
    const middle = await below(authority, { subject: 'CN=middle', pathLength: 1 });
    const lowest = await below(middle, { subject: 'CN=lowest', pathLength: 0 });
    const { certificatePem } = await issue(lowest);
    expect(readPemCertificates(Buffer.from(certificatePem))).toHaveLength(3);
    expect(opensslVerify('sslserver', authority, certificatePem)).toContain('OK');
    expect((await pkiRejection(below(lowest))).code).toBe('not-an-authority');
    expect((await pkiRejection(below(middle, { pathLength: 1 }))).code).toBe('not-an-authority');
  });

  test('are loaded from their files', async () => {
    const files = [
      directory.write('ca.pem', issuing.certificatePem),
      directory.write('ca.key', issuing.privateKeyPem),
    ] as const;
    const loaded = loadAuthority(...files);
    expect(loaded.isRoot).toBe(false);
    expect(opensslVerify('sslserver', authority, (await issue(loaded)).certificatePem)).toContain('OK');
  });

  test('that are none, or have another key, are refused', async () => {
    const server = await issue(authority);
    const certificate = directory.write('none.pem', server.certificatePem);
    const key = directory.write('none.key', server.privateKeyPem!);
    expect(pkiError(() => loadAuthority(certificate, key)).code).toBe('not-an-authority');
    const anchor = directory.write('root.pem', authority.certificatePem);
    expect(pkiError(() => loadAuthority(anchor, key))).toMatchObject({ code: 'key-mismatch', source: key });
  });

  test('made by OpenSSL issue as well, with its name and key identifier octet by octet', async () => {
    const key = directory.file('openssl.key');
    const pem = directory.file('openssl.pem');
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-keyout',
      key,
      '-out',
      pem,
      '-subj',
      '/C=SE/O=Ex, ample/emailAddress=ca@example.net/CN=OpenSSL',
      '-days',
      '3650',
    );
    const foreign = loadAuthority(pem, key);
    const time = Date.now();
    const { certificate, certificatePem } = await issue(foreign, { now: time });
    expect(EndEntity.parse(certificate).issuerDer).toEqual(foreign.fields.subjectDer);
    const chain = directory.write('foreign.pem', certificatePem);
    expect(openssl('verify', '-purpose', 'sslserver', '-CAfile', pem, chain)).toContain('OK');
  });

  test('know what they have issued', async () => {
    const impostor = await root();
    const { certificate } = await issue(authority);
    expect(hasIssued(authority, certificate, '')).toBe(true);
    expect(hasIssued(impostor, certificate, '')).toBe(false);
    expect(hasIssued(issuing, certificate, '')).toBe(false);
  });
});

describe('keys that their owners made', () => {
  test('a public key', async () => {
    const { public_pem, private_pem, spki } = vectorKey('client-P-384');
    const key = readPublicKeyFile(directory.write('public.pem', public_pem));
    const issued = await issue(authority, { purpose: 'client', key: key.spki });
    expect(issued.privateKeyPem).toBeUndefined();
    const certificate = directory.write('public-certificate.pem', issued.certificatePem);
    const privateKey = directory.write('public.key', private_pem);
    const identity = loadIdentity({ certificate, privateKey, purpose: 'client', now });
    expect(identity.spki.toString('hex')).toBe(spki);
  });

  test('a public key that is none of ours is refused', async () => {
    const ed25519 = openssl(
      'pkey',
      '-pubout',
      '-in',
      directory.write('ed.key', openssl('genpkey', '-algorithm', 'ed25519')),
    );
    expect(pkiError(() => readPublicKeyFile(directory.write('ed.pub', ed25519))).code).toBe(
      'algorithm-not-supported',
    );
    expect(pkiError(() => readPublicKeyFile(directory.write('text.pub', 'text'))).code).toBe('key-malformed');
    expect((await pkiRejection(issue(authority, { key: Buffer.from('text') }))).code).toBe('key-malformed');
  });

  function request(...args: readonly string[]): string {
    const path = directory.file('request.csr');
    openssl(
      'req',
      '-new',
      '-noenc',
      '-keyout',
      directory.file('request.key'),
      '-out',
      path,
      '-subj',
      '/O=Example/CN=laptop',
      ...args,
    );
    return path;
  }
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

  test.each([
    ['P-256', ec],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['RSA', ['-newkey', 'rsa:2048']],
  ])('a request with a key of type %s', async (keyType, args) => {
    const read = await readCertificateRequest(
      request(...args, '-addext', 'subjectAltName=DNS:laptop.example.net,URI:dhcp://x/,IP:192.0.2.1'),
    );
    expect(read.subject).toBe('O=Example, CN=laptop');
    expect(read.subjectAltNames).toEqual({ dns: ['laptop.example.net'], uri: ['dhcp://x/'], email: [] });
    expect(read.key.keyType).toBe(keyType);
  });

  test('a request in DER', async () => {
    expect((await readCertificateRequest(request(...ec, '-outform', 'DER'))).subject).toBe(
      'O=Example, CN=laptop',
    );
  });

  test('a request that somebody altered is refused', async () => {
    const path = request(...ec, '-outform', 'DER');
    const octets = Buffer.from(
      openssl('req', '-in', path, '-inform', 'DER').split('\n').slice(1, -2).join(''),
      'base64',
    );
    octets.write('LAPTOP', octets.indexOf('laptop'));
    expect((await pkiRejection(readCertificateRequest(directory.write('altered.csr', octets)))).code).toBe(
      'signature-invalid',
    );
  });

  test('what is no request is refused', async () => {
    const certificate = directory.write('not.csr', authority.certificatePem);
    expect((await pkiRejection(readCertificateRequest(certificate))).code).toBe('csr-malformed');
    const text = directory.write('text.csr', 'text');
    expect((await pkiRejection(readCertificateRequest(text))).code).toBe('csr-malformed');
  });
});

describe('revocation lists (RFC 5280 section 5)', () => {
  const date = new Date(now);

  test('OpenSSL refuses who is listed and nobody else', async () => {
    const good = await issue(authority);
    const bad = await issue(authority);
    const { serial } = EndEntity.parse(bad.certificate);
    const crl = await createCrl({
      authority,
      number: 1n,
      revocations: [{ serial, date, reason: 'keyCompromise' }],
      days: 30,
      now,
    });
    expect(opensslVerify('sslserver', authority, bad.certificatePem, crl)).toContain('certificate revoked');
    expect(opensslVerify('sslserver', authority, good.certificatePem, crl)).toContain('OK');
  });

  test.each(['P-384', 'RSA-2048'] as const)('of an authority with %s', async (keyType) => {
    const anchor = await root({ keyType });
    const crl = await createCrl({ authority: anchor, number: 1n, revocations: [], days: 30, now });
    expect(opensslVerify('sslserver', anchor, (await issue(anchor)).certificatePem, crl)).toContain('OK');
  });

  test('what is written is read back', async () => {
    const list = {
      number: 2n ** 64n + 200n,
      revocations: [
        { serial: '80ff', date, reason: 'unspecified' },
        { serial: '01', date, reason: 'superseded' },
        { serial: '7f', date: new Date('2051-01-01T00:00:00Z'), reason: 'privilegeWithdrawn' },
      ] as const,
    };
    const crl = await createCrl({ authority, ...list, days: 30, now });
    const [der] = readCrls(Buffer.from(crl));
    expect(await readRevocations(der!, authority, 'crl.pem')).toEqual(list);
    const text = openssl('crl', '-noout', '-text', '-in', directory.write('text.crl', crl));
    expect(text).toMatch(/CRL Number: \s+18446744073709551816\n/);
    expect(text).toContain('Serial Number: 80FF');
    expect(text).toContain('X509v3 Authority Key Identifier');
  });

  test('a list of thousands is read back', async () => {
    const revocations = Array.from({ length: 2000 }, (_, index) => ({
      serial: (0x1000 + index).toString(16),
      date,
      reason: 'keyCompromise' as const,
    }));
    const crl = await createCrl({ authority, number: 1n, revocations, days: 30, now });
    const [der] = readCrls(Buffer.from(crl));
    expect((await readRevocations(der!, authority, 'crl.pem')).revocations).toEqual(revocations);
  });

  test("somebody else's list is not continued", async () => {
    const impostor = await root();
    const crl = await createCrl({ authority: impostor, number: 1n, revocations: [], days: 30, now });
    const [der] = readCrls(Buffer.from(crl));
    expect(await pkiRejection(readRevocations(der!, authority, 'crl.pem'))).toMatchObject({
      code: 'signature-invalid',
      source: 'crl.pem',
    });
    expect((await pkiRejection(readRevocations(Buffer.from('text'), authority, 'crl.pem'))).code).toBe(
      'crl-malformed',
    );
  });
});

test('an authority that is made twice is two', async () => {
  const [a, b] = await Promise.all([
    root(),
    createAuthority({ subject: 'CN=root', keyType: 'P-256', days: 1, now }),
  ]);
  expect(a.key.public.spki).not.toEqual(b.key.public.spki);
});
