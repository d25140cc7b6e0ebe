// SPDX-License-Identifier: MPL-2.0

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EndEntity, loadIdentity, readPemCertificates } from '../../src/pki';
import { encodePem } from '../../src/pki/pem';
import { ids, keyUsage, usage, validity } from '../bridge/path/support/certificates';
import { root } from '../bridge/path/support/pki';
import { TestDirectory } from '../support/test-directory';
import { command, type Outcome } from './support';

const work = TestDirectory.forAllTests().path;
const at = (name: string) => join(work, name);
const pki = (...argv: readonly string[]) => command('pki', ...argv);
const mode = (name: string) => statSync(at(name)).mode & 0o777;
const json = (outcome: Outcome) => JSON.parse(outcome.stdout) as unknown;
const firstOf = (name: string) => EndEntity.parse(readPemCertificates(at(name))[0]!);

beforeAll(async () => {
  expect(await pki('init', '--directory', at('ca'))).toMatchObject({ code: 0, stderr: '' });
  const server = ['server', '--directory', at('ca'), '--name', 'dhcp.example.net', '--out', at('server')];
  expect(await pki(...server)).toMatchObject({ code: 0, stderr: '' });
  const client = ['client', '--directory', at('ca'), '--name', 'laptop.example.net', '--out', at('client')];
  expect(await pki(...client)).toMatchObject({ code: 0, stderr: '' });
});

describe('pki init', () => {
  test('writes a certificate for everyone and a key for nobody else', () => {
    expect(mode('ca')).toBe(0o700);
    expect(mode('ca/ca.key')).toBe(0o600);
    expect(mode('ca/ca.pem') & 0o444).toBe(0o444);
    expect(readdirSync(at('ca')).sort()).toEqual(['ca.key', 'ca.pem']);
    expect(firstOf('ca/ca.pem').subject).toBe('CN=DHCPv6 authority');
  });

  test('takes subject, key type and days', async () => {
    const outcome = await pki(
      'init',
      '--directory',
      at('other'),
      '--subject',
      'CN=Other, O=Example',
      '--key-type',
      'P-384',
      '--days',
      '10',
      '--json',
    );
    expect(json(outcome)).toMatchObject({
      certificate: at('other/ca.pem'),
      privateKey: at('other/ca.key'),
      subject: 'CN=Other, O=Example',
    });
    const { keyType, notBefore, notAfter } = firstOf('other/ca.pem');
    expect(keyType).toBe('P-384');
    expect(notAfter.getTime() - notBefore.getTime()).toBe(10 * 86_400_000 + 300_000);
  });

  test('overwrites nothing unless it is told to', async () => {
    const before = readFileSync(at('ca/ca.key'));
    const refused = await pki('init', '--directory', at('ca'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `kea-encryption: ${at('ca/ca.pem')}: the file exists, and stays as it is without --force\n`,
    );
    expect(readFileSync(at('ca/ca.key'))).toEqual(before);
    await pki('init', '--directory', at('forced'));
    await pki('crl', '--directory', at('forced'));
    expect(readdirSync(at('forced')).sort()).toEqual(['ca.key', 'ca.pem', 'crl.pem']);
    const old = readFileSync(at('forced/ca.key'));
    expect((await pki('init', '--directory', at('forced'), '--force')).code).toBe(0);
    expect(readFileSync(at('forced/ca.key'))).not.toEqual(old);
    expect(mode('forced/ca.key')).toBe(0o600);
    expect(readdirSync(at('forced')).sort()).toEqual(['ca.key', 'ca.pem']);
  });
});

describe('pki server and pki client', () => {
  test('write what loads as an identity', () => {
    const now = Date.now();
    for (const purpose of ['server', 'client'] as const) {
      const identity = loadIdentity({
        certificate: at(`${purpose}.pem`),
        privateKey: at(`${purpose}.key`),
        purpose,
        now,
      });
      expect(identity.keyType).toBe('P-256');
      expect(mode(`${purpose}.key`)).toBe(0o600);
    }
    expect(firstOf('server.pem').subject).toBe('CN=dhcp.example.net');
    expect(firstOf('server.pem').subjectAltNames.dns).toEqual(['dhcp.example.net']);
  });

  test('take more names, each once', async () => {
    await pki(
      'server',
      '--directory',
      at('ca'),
      '--name',
      'a.example',
      '--dns',
      'b.example',
      '--dns',
      'a.example',
      '--uri',
      'dhcp://c/',
      '--out',
      at('names'),
    );
    expect(firstOf('names.pem').subjectAltNames).toEqual({
      dns: ['a.example', 'b.example'],
      uri: ['dhcp://c/'],
      email: [],
    });
  });

  test('take a name that is no DNS name, for a client', async () => {
    expect(
      (await pki('client', '--directory', at('ca'), '--name', "Zoë's laptop, + 1", '--out', at('zoe'))).code,
    ).toBe(0);
    expect(firstOf('zoe.pem').subject).toBe("CN=Zoë's laptop\\, \\+ 1");
    expect(firstOf('zoe.pem').subjectAltNames.dns).toEqual([]);
    const refused = await pki(
      'server',
      '--directory',
      at('ca'),
      '--name',
      'no dns name',
      '--out',
      at('nobody'),
    );
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('needs a DNS name or a URI');
  });

  test('take a URI as the name', async () => {
    await pki('server', '--directory', at('ca'), '--name', 'dhcp://site-1/', '--out', at('uri'));
    expect(firstOf('uri.pem').subjectAltNames.uri).toEqual(['dhcp://site-1/']);
  });

  test('take a name too long for a common name', async () => {
    const name = `${'a'.repeat(60)}.example.net`;
    await pki('server', '--directory', at('ca'), '--name', name, '--out', at('long'));
    expect(firstOf('long.pem').subject).toBe('');
    expect(firstOf('long.pem').subjectAltNames.dns).toEqual([name]);
  });

  test('overwrite neither of their files unless they are told to', async () => {
    const again = (out: string, ...more: readonly string[]) =>
      pki('client', '--directory', at('ca'), '--name', 'again', '--out', at(out), ...more);
    writeFileSync(at('half.key'), 'precious');
    expect(await again('half')).toMatchObject({ code: 1, stdout: '' });
    expect(readFileSync(at('half.key'), 'utf8')).toBe('precious');
    expect(readdirSync(work).filter((name) => name.startsWith('half'))).toEqual(['half.key']);
    expect((await again('half', '--force')).code).toBe(0);
    expect(readFileSync(at('half.key'), 'utf8')).toContain('PRIVATE KEY');
  });

  test('name the directory that does not exist', async () => {
    const outcome = await pki('client', '--directory', at('ca'), '--name', 'x', '--out', at('missing/x'));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toBe(`kea-encryption: ${at('missing/x.key')}: no such file or directory\n`);
  });
});

describe('pki issue', () => {
  const openssl = (...argv: readonly string[]) => execFileSync('openssl', argv, { stdio: 'pipe' });
  beforeAll(() => {
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-noenc',
      '-keyout',
      at('own.key'),
      '-out',
      at('own.csr'),
      '-subj',
      '/O=Example/CN=own',
      '-addext',
      'subjectAltName=DNS:own.example.net',
    );
    openssl('pkey', '-in', at('own.key'), '-pubout', '-out', at('own.pub'));
  });
  const issue = (...argv: readonly string[]) => pki('issue', '--directory', at('ca'), ...argv);
  const identity = (name: string) =>
    loadIdentity({
      certificate: at(`${name}.pem`),
      privateKey: at('own.key'),
      purpose: 'client',
      now: Date.now(),
    });

  test('certifies the key of a request, with its names', async () => {
    expect((await issue('--purpose', 'client', '--csr', at('own.csr'), '--out', at('by-csr'))).code).toBe(0);
    const { endEntity } = identity('by-csr');
    expect(endEntity.subject).toBe('O=Example, CN=own');
    expect(endEntity.subjectAltNames.dns).toEqual(['own.example.net']);
    expect(readdirSync(work)).not.toContain('by-csr.key');
  });

  test('certifies it with other names where they are given', async () => {
    await issue(
      '--purpose',
      'client',
      '--csr',
      at('own.csr'),
      '--name',
      'given.example',
      '--out',
      at('given'),
    );
    expect(identity('given').endEntity.subject).toBe('CN=given.example');
    expect(identity('given').endEntity.subjectAltNames.dns).toEqual(['given.example']);
  });

  test('certifies a public key', async () => {
    await issue('--purpose', 'client', '--public-key', at('own.pub'), '--name', 'pub', '--out', at('by-key'));
    expect(identity('by-key').endEntity.subject).toBe('CN=pub');
  });

  test.each([
    ['no key at all', ['--purpose', 'client', '--name', 'x']],
    ['two keys', ['--purpose', 'client', '--public-key', at('own.pub'), '--csr', at('own.csr')]],
    ['no purpose', ['--csr', at('own.csr')]],
    ['a purpose of its own', ['--purpose', 'relay', '--csr', at('own.csr')]],
  ])('%s is wrong usage', async (_name, argv) => {
    expect((await issue(...argv, '--out', at('never'))).code).toBe(2);
    expect(readdirSync(work)).not.toContain('never.pem');
  });
});

describe('pki intermediate', () => {
  test('makes an authority whose certificates lead to the root', async () => {
    expect((await pki('intermediate', '--directory', at('ca'), '--out', at('issuing'))).code).toBe(0);
    expect(mode('issuing/ca.key')).toBe(0o600);
    expect(readFileSync(at('issuing/root.pem'))).toEqual(readFileSync(at('ca/ca.pem')));
    await pki('server', '--directory', at('issuing'), '--name', 'dhcp.example.net', '--out', at('below'));
    expect(readPemCertificates(at('below.pem'))).toHaveLength(2);
    const verdict = await pki(
      'verify',
      '--purpose',
      'server',
      '--trust-anchors',
      at('issuing/root.pem'),
      at('below.pem'),
    );
    expect(verdict.code).toBe(0);
    const refused = await pki('intermediate', '--directory', at('issuing'), '--out', at('lower'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('pathLenConstraint');
  });
});

describe('pki revoke and pki crl', () => {
  const verify = (name: string) =>
    pki(
      'verify',
      '--purpose',
      'client',
      '--trust-anchors',
      at('revoking/ca.pem'),
      '--crls',
      at('revoking/crl.pem'),
      '--json',
      at(name),
    );
  const client = (name: string) =>
    pki('client', '--directory', at('revoking'), '--name', name, '--out', at(name));

  test('refuse who is listed from then on', async () => {
    await pki('init', '--directory', at('revoking'));
    for (const name of ['good', 'stolen', 'lost']) {
      await client(name);
    }
    const list = (...argv: readonly string[]) => pki(...argv, '--directory', at('revoking'), '--json');
    expect(json(await list('crl'))).toEqual({ crl: at('revoking/crl.pem'), number: '1', revoked: [] });
    expect(json(await verify('stolen.pem'))).toMatchObject({ accepted: true });
    const stolen = firstOf('stolen.pem').serial;
    expect(json(await list('revoke', '--reason', 'keyCompromise', at('stolen.pem')))).toMatchObject({
      number: '2',
      revoked: [stolen],
    });
    const lost = firstOf('lost.pem').serial;
    expect(json(await list('revoke', '--serial', lost.toUpperCase()))).toMatchObject({
      number: '3',
      revoked: [stolen, lost],
    });
    expect(json(await list('crl'))).toMatchObject({ number: '4', revoked: [stolen, lost] });
    for (const name of ['stolen', 'lost']) {
      const verdict = await verify(`${name}.pem`);
      expect(verdict.code).toBe(1);
      expect(json(verdict)).toMatchObject({ accepted: false, rule: 'revoked', depth: 0 });
    }
    expect(json(await verify('good.pem'))).toMatchObject({ accepted: true });
    expect((await list('revoke', at('stolen.pem'))).stderr).toContain('on the list already');
    expect((await list('revoke', at('client.pem'))).stderr).toContain(
      'not a certificate that this authority has issued',
    );
    expect((await list('revoke')).code).toBe(2);
    expect((await list('revoke', '--serial', 'xyz')).code).toBe(2);
  });

  test("do not go on from somebody else's list", async () => {
    await pki('init', '--directory', at('stranger'));
    writeFileSync(at('stranger/crl.pem'), readFileSync(at('revoking/crl.pem')));
    const outcome = await pki('crl', '--directory', at('stranger'));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(at('stranger/crl.pem'));
  });
});

describe('pki show', () => {
  test('a chain', async () => {
    const shown = json(await pki('show', at('server.pem'), '--json'));
    const { serial, keyId } = firstOf('server.pem');
    expect(shown).toEqual([
      expect.objectContaining({
        kind: 'certificate',
        subject: 'CN=dhcp.example.net',
        issuer: 'CN=DHCPv6 authority',
        serial,
        dns: ['dhcp.example.net'],
        keyUsage: ['digitalSignature', 'keyAgreement'],
        extendedKeyUsage: ['serverAuth'],
        keyType: 'P-256',
        keyIdentifier: keyId.toString('hex'),
      }),
    ]);
  });

  test('a key, by its public half alone', async () => {
    const outcome = await pki('show', at('server.key'));
    expect(outcome.stdout).toMatch(/^kind +private-key\n/);
    expect(outcome.stdout).toContain(firstOf('server.pem').keyId.toString('hex'));
    const secret = readFileSync(at('server.key'), 'utf8').split('\n')[1]!;
    expect(outcome.stdout).not.toContain(secret);
  });

  test('each kind in DER as well', async () => {
    execFileSync('openssl', ['x509', '-in', at('server.pem'), '-outform', 'DER', '-out', at('server.der')]);
    expect(json(await pki('show', '--json', at('server.der')))).toMatchObject([{ kind: 'certificate' }]);
    execFileSync('openssl', [
      'pkey',
      '-in',
      at('server.key'),
      '-pubout',
      '-outform',
      'DER',
      '-out',
      at('pub.der'),
    ]);
    expect(json(await pki('show', '--json', at('pub.der')))).toMatchObject([
      { kind: 'public-key', keyType: 'P-256' },
    ]);
  });

  test('a certificate whose key is not supported', async () => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ed25519',
        '-noenc',
        '-keyout',
        at('ed.key'),
        '-out',
        at('ed.pem'),
        '-subj',
        '/CN=ed',
      ],
      { stdio: 'pipe' },
    );
    expect(json(await pki('show', '--json', at('ed.pem')))).toMatchObject([
      { subject: 'CN=ed', keyType: 'not supported' },
    ]);
  });

  test('what it cannot read is named', async () => {
    writeFileSync(at('text'), 'text');
    const outcome = await pki('show', at('text'));
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain(`${at('text')}: neither PEM nor`);
  });
});

describe('pki verify', () => {
  const verify = (...argv: readonly string[]) => pki('verify', ...argv);
  const anchored = ['--purpose', 'server', '--trust-anchors', at('ca/ca.pem')];

  test('accepts', async () => {
    expect(await verify(...anchored, at('server.pem'))).toEqual({
      code: 0,
      stdout: `${at('server.pem')}: accepted as a server's certificate\n`,
      stderr: '',
    });
  });

  test('accepts a certificate for signatures alone, but not with --draft-literal', async () => {
    const write = (name: string, der: Buffer) => {
      writeFileSync(at(name), encodePem('CERTIFICATE', der));
    };
    write('root.pem', root.certificate);
    const extensions = { [ids.keyUsage]: keyUsage(usage.digitalSignature) };
    write('signing.pem', root.endEntity({ extensions }));
    const argv = ['--purpose', 'server', '--trust-anchors', at('root.pem'), '--time', String(validity.now)];
    expect(await verify(...argv, at('signing.pem'))).toMatchObject({ code: 0 });
    const refused = await verify(...argv, '--draft-literal', at('signing.pem'));
    expect(refused).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('lacks keyAgreement') as string,
    });
    expect(await verify(...anchored, '--draft-literal', at('server.pem'))).toMatchObject({ code: 0 });
  });

  test('accepts and warns of what RFC 5280 obliges authorities to, where section 6 does without', async () => {
    const data = (name: string) => join(__dirname, '../pki/data', `${name}.pem`);
    const argv = [
      ...['--purpose', 'client', '--time', '2026-12-01', '--trust-anchors', data('good')],
      ...['--crls', data('crl-no-number')],
    ];
    const warning = 'the CRL of CN=good,O=Test: no CRL number (RFC 5280 section 5.2.3)';
    expect(await verify(...argv, data('ours'))).toEqual({
      code: 0,
      stdout: `${data('ours')}: accepted as a client's certificate\n`,
      stderr: `kea-encryption: WARNING: ${warning}\n`,
    });
    const outcome = await verify(...argv, '--json', data('ours'));
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(json(outcome)).toMatchObject({ accepted: true, warnings: [warning] });
    expect(json(await verify(...anchored, '--json', at('server.pem')))).toMatchObject({ warnings: [] });
  });

  test('takes the certificate wherever it stands', async () => {
    expect((await verify(at('server.pem'), ...anchored)).code).toBe(0);
    expect((await verify(...anchored, '--', at('server.pem'))).code).toBe(0);
    expect((await verify(...anchored, '--json', at('server.pem'))).code).toBe(0);
    expect(
      (
        await verify(
          '--trust-anchors',
          at('other/ca.pem'),
          at('ca/ca.pem'),
          '--purpose',
          'server',
          at('server.pem'),
        )
      ).code,
    ).toBe(0);
    expect((await verify(...anchored, '--intermediates', at('other/ca.pem'), at('server.pem'))).code).toBe(0);
  });

  test.each<[string, readonly string[], string]>([
    ['for another role', ['--purpose', 'client', '--trust-anchors', at('ca/ca.pem')], 'extended-key-usage'],
    [
      'by another authority',
      ['--purpose', 'server', '--trust-anchors', at('other/ca.pem')],
      'issuer-unknown',
    ],
    ['at another time', [...anchored, '--time', '2099-01-01T00:00:00Z'], 'expired'],
    ['on a leap day', [...anchored, '--time', '2096-02-29'], 'expired'],
    ['in seconds since 1970', [...anchored, '--time', '0'], 'not-yet-valid'],
    ['under another name', [...anchored, '--server-name', 'other.example.net'], 'server-name'],
  ])('refuses %s, and says why', async (_name, argv, rule) => {
    const outcome = await verify(...argv, at('server.pem'));
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(
      new RegExp(`^${at('server.pem')}: refused: certificate \\d \\(CN=.*\\).* \\(${rule}\\)\n$`),
    );
    const parsed = json(await verify(...argv, '--json', at('server.pem')));
    expect(parsed).toMatchObject({ accepted: false, rule, certificate: at('server.pem') });
  });

  test('accepts the name that the certificate has', async () => {
    expect((await verify(...anchored, '--server-name', 'DHCP.example.net', at('server.pem'))).code).toBe(0);
  });

  test.each([
    ['no certificate', ['--purpose', 'server', '--trust-anchors', at('ca/ca.pem')]],
    ['no anchors', ['--purpose', 'server', at('server.pem')]],
    ['no purpose', ['--trust-anchors', at('ca/ca.pem'), at('server.pem')]],
    ['a time that is none', [...anchored, '--time', 'yesterday', at('server.pem')]],
    ['a day that its month does not have', [...anchored, '--time', '2095-02-29', at('server.pem')]],
    ['a time without its zone', [...anchored, '--time', '2026-01-01T00:00:00', at('server.pem')]],
    [
      'the name of a client',
      ['--purpose', 'client', '--trust-anchors', at('ca/ca.pem'), '--server-name', 'x', at('client.pem')],
    ],
    ['two certificates', [at('server.pem'), at('client.pem'), ...anchored]],
  ])('%s is wrong usage', async (_name, argv) => {
    const outcome = await verify(...argv);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).not.toBe('');
  });

  test('a file that cannot be read is named', async () => {
    const outcome = await verify(...anchored, at('nothing.pem'));
    expect(outcome).toMatchObject({
      code: 1,
      stderr: `kea-encryption: ${at('nothing.pem')}: no such file or directory\n`,
    });
  });
});

describe('usage', () => {
  const subcommands = [
    'init',
    'intermediate',
    'server',
    'client',
    'issue',
    'revoke',
    'crl',
    'show',
    'verify',
  ];

  test.each([[['--help']], [['pki', '--help']], ...subcommands.map((name) => [['pki', name, '--help']])])(
    '%j shows an example',
    async (argv) => {
      const outcome = await command(...argv);
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(outcome.stdout).toMatch(/\nExample[^\n]*\n +(?:kea-encryption|openssl) /);
    },
  );

  test.each([
    ['an unknown command', ['pki', 'unheard']],
    ['an unknown option', ['pki', 'init', '--dirctory', 'x']],
    ['a missing option', ['pki', 'init']],
    ['an unknown key type', ['pki', 'init', '--directory', 'x', '--key-type', 'DSA']],
    ['no days', ['pki', 'init', '--directory', 'x', '--days', '0']],
    ['nothing', []],
  ])('%s is wrong usage', async (_name, argv) => {
    const outcome = await command(...argv);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).not.toBe('');
  });

  test('a refusal leaves no exit code behind for the process that called', async () => {
    await pki('verify', '--purpose', 'client', '--trust-anchors', at('ca/ca.pem'), at('server.pem'));
    expect(process.exitCode ?? 0).toBe(0);
  });
});
