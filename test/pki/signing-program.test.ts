// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { contextSignatureAlgorithmFor, signInContext, verifyInContext } from '../../src/crypto';
import { type IssuedCertificate, type IssuedKeyType, loadIdentity, privateKeyOf } from '../../src/pki';
import { TestDirectory } from '../support/test-directory';
import { issue, now, root } from './support/authorities';
import { pkiError } from './support/errors';

/*
 * A private key that a program keeps (docs/settings.md, private-key-command). openssl is the program here, and gives its
 * signatures in DER; a token's gives them in fixed length.
 */

const directory = TestDirectory.forAllTests();
let server: IssuedCertificate;
let other: IssuedCertificate;

beforeAll(async () => {
  const authority = await root();
  server = await issue(authority);
  other = await issue(authority);
});

const openssl = (hash: string, { privateKeyPem }: IssuedCertificate, name = 'own.key'): string[] => [
  'openssl',
  'dgst',
  `-${hash}`,
  '-sign',
  directory.write(name, privateKeyPem!),
];
const shell = (script: string): string[] => ['/bin/sh', '-c', script];

function load(issued: IssuedCertificate, privateKeyCommand: readonly string[]) {
  const certificate = directory.write('server.pem', issued.certificatePem);
  return loadIdentity({ certificate, privateKey: '', privateKeyCommand, purpose: 'server', now });
}

describe('a program that has the private key', () => {
  test.each<[IssuedKeyType, string]>([
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['RSA-2048', 'sha256'],
  ])('signs as the key itself would: %s', async (key, hash) => {
    const issued = await issue(await root(), { key });
    const { privateKey, keyType } = load(issued, openssl(hash, issued));
    const { haId, saId, signatureLength } = contextSignatureAlgorithmFor(privateKey.public);
    const data = Buffer.from('a message');
    const signature = signInContext(privateKey, haId, saId, 'server', data);
    expect(signature).toHaveLength(signatureLength);
    expect(verifyInContext(privateKey.public, haId, saId, 'server', data, signature)).toBe(true);
    expect(key).toContain(keyType);
    // As in another thread.
    const { public: there } = privateKey;
    const again = privateKeyOf(structuredClone(there.publicKey), privateKey.signer?.command);
    const anew = signInContext(again, haId, saId, 'server', data);
    expect(verifyInContext(privateKey.public, haId, saId, 'server', data, anew)).toBe(true);
  });

  test('is told the hash, and may give r and s in fixed length', () => {
    const { privateKey } = load(server, openssl('sha256', server));
    const { haId, saId } = contextSignatureAlgorithmFor(privateKey.public);
    const data = Buffer.from('a message');
    const signature = signInContext(privateKey, haId, saId, 'server', data);
    const file = directory.write('signature', signature.toString('latin1'), 'latin1');
    const hash = directory.file('hash');
    const given = privateKeyOf(
      privateKey.public.publicKey,
      shell(`printf %s "$KEA_ENCRYPTION_HASH" >${hash}; cat ${file}`),
    );
    expect(signInContext(given, haId, saId, 'server', data)).toEqual(signature);
    expect(readFileSync(hash, 'utf8')).toBe('sha256');
  });

  test('decrypts nothing', () => {
    const { privateKey } = load(server, openssl('sha256', server));
    expect(() => privateKey.decap(Buffer.alloc(65))).toThrow('a program that signs decrypts nothing');
    expect(() => privateKey.kemId).toThrow('a program that signs decrypts nothing');
  });

  test.each<[string, () => readonly string[], RegExp]>([
    ['has another key', () => openssl('sha256', other, 'other.key'), /\d+ octets that do not verify/],
    ['uses another hash', () => openssl('sha512', server), /\d+ octets that do not verify/],
    ['says nothing', () => ['/bin/true'], /: 0 octets that do not verify/],
    ['fails', () => shell('echo no token >&2; exit 7'), /it ended with status 7: no token/],
    ['is killed', () => shell('kill -KILL $$'), /it ended with SIGKILL/],
    ['is not there', () => ['/nonexistent/program'], /ENOENT/],
    ['does not end', () => shell('exec sleep 600'), /ETIMEDOUT/],
    ['does not stop to talk', () => shell('exec cat /dev/zero'), /ENOBUFS/],
  ])('is refused if it %s', (_, command, text) => {
    const { source, message } = pkiError(() => load(server, command()));
    expect(source).toBe('private-key-command');
    expect(message).toMatch(text);
  });

  test('is not asked again at once after it has failed, whoever asks', () => {
    const calls = directory.file('calls');
    const command = shell(`echo >>${calls}; exit 1`);
    const { endEntity } = load(server, openssl('sha256', server));
    const key = privateKeyOf(endEntity.key.publicKey, command);
    const { haId, saId } = contextSignatureAlgorithmFor(key.public);
    for (let times = 0; times < 100; times += 1) {
      expect(() => signInContext(key, haId, saId, 'server', Buffer.from('x'))).toThrow('no signature');
    }
    expect(readFileSync(calls, 'utf8').length).toBeLessThan(100);
  });
});
