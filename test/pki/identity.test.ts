// SPDX-License-Identifier: MPL-2.0

import { execFileSync } from 'node:child_process';
import {
  type Authority,
  type IdentityRequest,
  type IssuedCertificate,
  loadIdentity,
  readPemCertificates,
} from '../../src/pki';
import { encodePem } from '../../src/pki/pem';
import { TestDirectory } from '../support/test-directory';
import { below, day, issue, now, root } from './support/authorities';
import { pkiError } from './support/errors';
import { vectorKey, vectors, vectorsNow } from './support/vectors';

const directory = TestDirectory.forAllTests();

let authority: Authority;
let issuing: Authority;
let server: IssuedCertificate;
let other: IssuedCertificate;

beforeAll(async () => {
  authority = await root();
  issuing = await below(authority);
  server = await issue(issuing);
  other = await issue(issuing);
});

const keyOf = (issued: IssuedCertificate) => issued.privateKeyPem!;

function load(certificate: string, privateKey: string, changes: Partial<IdentityRequest> = {}) {
  return loadIdentity({
    certificate: directory.write('server.pem', certificate),
    privateKey: directory.write('server.key', privateKey),
    purpose: 'server',
    now,
    ...changes,
  });
}

function refusal(certificate: string, privateKey: string, changes: Partial<IdentityRequest> = {}) {
  return pkiError(() => load(certificate, privateKey, changes));
}

describe('an identity', () => {
  test('has its chain, the end entity first, and its key', () => {
    const identity = load(server.certificatePem, keyOf(server));
    expect(identity.chain).toEqual(readPemCertificates(Buffer.from(server.certificatePem)));
    expect(identity.chain).toHaveLength(2);
    expect(identity.endEntity.subject).toBe('CN=host');
    expect(identity.keyType).toBe('P-256');
    expect(identity.privateKey.public.spki).toEqual(identity.spki);
    expect(identity.keyId).toEqual(identity.endEntity.keyId);
  });

  test.each(Object.keys(vectors.keys))('%s of the protocol vectors', (name) => {
    const { certificate_chain_pem, private_pem, key_id } = vectorKey(name);
    const purpose = name.startsWith('server') ? 'server' : 'client';
    expect(load(certificate_chain_pem, private_pem, { purpose, now: vectorsNow }).keyId.toString('hex')).toBe(
      key_id,
    );
  });

  test('may carry the root in its chain', () => {
    expect(load(`${server.certificatePem}${authority.certificatePem}`, keyOf(server)).chain).toHaveLength(3);
  });

  test('may have a key in SEC1', () => {
    const sec1 = execFileSync('openssl', ['ec'], { input: keyOf(server), stdio: 'pipe' }).toString();
    expect(load(server.certificatePem, sec1).keyType).toBe('P-256');
  });
});

describe('the key of an identity', () => {
  test('of another certificate is refused', () => {
    const error = refusal(server.certificatePem, keyOf(other));
    expect(error).toMatchObject({ code: 'key-mismatch', source: directory.file('server.key') });
    expect(error.message).toContain(
      `not the private key of the certificate in ${directory.file('server.pem')}`,
    );
  });

  test('of another certificate of the same file is refused and explained', () => {
    const [end, issuer] = server.certificatePem.split(/(?<=END CERTIFICATE-----\n)/);
    expect(refusal(`${issuer!}${end!}`, keyOf(server)).message).toContain(
      'the private key of certificate 2 in',
    );
  });

  test('whose private half is another key is refused', () => {
    // SEC1 keeps both halves side by side: the private one, 32 octets at offset 7, of another key.
    const sec1Of = (pem: string) =>
      execFileSync('openssl', ['ec', '-outform', 'DER'], { input: pem, stdio: 'pipe' });
    const mixed = Buffer.from(sec1Of(keyOf(server)));
    sec1Of(keyOf(other)).copy(mixed, 7, 7, 39);
    const error = refusal(server.certificatePem, encodePem('EC PRIVATE KEY', mixed));
    expect(error).toMatchObject({ code: 'key-malformed', source: directory.file('server.key') });
    expect(error.message).toContain('does not belong to the public half');
  });

  test.each([
    ['Ed25519', ['genpkey', '-algorithm', 'ed25519']],
    ['P-521', ['genpkey', '-algorithm', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
    ['RSA of 1024 bits', ['genpkey', '-algorithm', 'rsa', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['RSA for RSASSA-PSS alone', ['genpkey', '-algorithm', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ])('of a kind that is not supported is refused: %s', (_name, command) => {
    const key = execFileSync('openssl', command, { stdio: 'pipe' }).toString();
    expect(refusal(server.certificatePem, key)).toMatchObject({
      code: 'algorithm-not-supported',
      source: directory.file('server.key'),
    });
  });
});

describe('the certificate of an identity', () => {
  test("of a client is refused for a server, and a server's for a client", async () => {
    const client = await issue(issuing, { purpose: 'client' });
    expect(refusal(client.certificatePem, keyOf(client))).toMatchObject({
      code: 'extended-key-usage',
      source: `${directory.file('server.pem')}, line 1`,
    });
    expect(refusal(server.certificatePem, keyOf(server), { purpose: 'client' }).code).toBe(
      'extended-key-usage',
    );
    expect(load(client.certificatePem, keyOf(client), { purpose: 'client' }).keyType).toBe('P-256');
  });

  test('whose keyUsage allows digitalSignature alone is taken, unless it must decrypt', () => {
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-noenc',
      '-subj',
      '/CN=x',
      '-days',
      '3650',
    ];
    const key = directory.file('signing.key');
    const pem = execFileSync(
      'openssl',
      [
        ...request,
        '-keyout',
        key,
        '-addext',
        'keyUsage=digitalSignature',
        '-addext',
        'extendedKeyUsage=serverAuth',
      ],
      { stdio: 'pipe' },
    ).toString();
    const certificate = directory.write('signing.pem', pem);
    const files = { certificate, privateKey: key, purpose: 'server', now: Date.now() } as const;
    expect(loadIdentity(files).keyType).toBe('P-256');
    const error = pkiError(() => loadIdentity({ ...files, decrypts: true }));
    expect(error.code).toBe('key-usage');
    expect(error.message).toContain('lacks keyAgreement');
  });

  test('is refused before and after its validity, and taken at both ends of it', () => {
    const { notBefore, notAfter } = load(server.certificatePem, keyOf(server)).endEntity;
    const at = (time: number) => () => load(server.certificatePem, keyOf(server), { now: time });
    expect(at(notBefore.getTime())).not.toThrow();
    expect(at(notAfter.getTime() + 999)).not.toThrow();
    const early = pkiError(at(notBefore.getTime() - 1));
    expect(early.code).toBe('not-yet-valid');
    expect(early.message).toContain('valid from 2026-03-01T11:55:00Z on');
    const late = pkiError(at(notAfter.getTime() + 1000));
    expect(late.code).toBe('expired');
    expect(late.message).toContain('expired at 2027-03-01T12:00:00Z');
  });

  test('may be expired where its key is kept for decryption', () => {
    const expired = { now: now + 400 * day, allowExpired: true };
    expect(load(server.certificatePem, keyOf(server), expired).keyType).toBe('P-256');
  });

  test('is missing', () => {
    expect(refusal('-----', keyOf(server)).code).toBe('certificate-malformed');
    expect(refusal(keyOf(server), keyOf(server)).message).toContain(
      'a private key in a file of certificates',
    );
  });
});

describe('the chain of an identity', () => {
  test('with an expired issuer is refused', async () => {
    const short = await below(authority, { days: 10 });
    const long = await issue(issuing, { key: 'P-256' });
    const chain = `${long.certificatePem.split(/(?<=END CERTIFICATE-----\n)/)[0]!}${short.certificatePem}`;
    const error = refusal(chain, keyOf(long), { now: now + 11 * day });
    expect(error.code).toBe('expired');
    expect(error.source).toMatch(/, line 1[0-9]$/);
  });

  test('in another order is refused', async () => {
    const two = await below(authority, { pathLength: 1 });
    const three = await below(two, { subject: 'CN=lowest' });
    const issued = await issue(three);
    const [end, lowest, middle] = issued.certificatePem.split(/(?<=END CERTIFICATE-----\n)/);
    expect(load(`${end!}${lowest!}${middle!}`, keyOf(issued)).chain).toHaveLength(3);
    const error = refusal(`${end!}${middle!}${lowest!}`, keyOf(issued));
    expect(error.code).toBe('chain-order');
    expect(error.message).toContain('certificate 2 did not issue certificate 1');
  });

  test('with an issuer of the right name and another key is refused', async () => {
    const impostor = await below(authority);
    const [end] = server.certificatePem.split(/(?<=END CERTIFICATE-----\n)/);
    expect(refusal(`${end!}${impostor.certificatePem}`, keyOf(server)).code).toBe('chain-order');
  });

  test('of more certificates than a message carries is refused', () => {
    const nine = server.certificatePem + authority.certificatePem.repeat(7);
    expect(refusal(nine, keyOf(server))).toMatchObject({ code: 'chain-too-long' });
    const eight = server.certificatePem + authority.certificatePem.repeat(6);
    expect(load(eight, keyOf(server)).chain).toHaveLength(8);
  });
});
