// SPDX-License-Identifier: MPL-2.0

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readCrls, readPemCertificates, readPrivateKey } from '../../src/pki';
import { encodePem } from '../../src/pki/pem';
import { TestDirectory } from '../support/test-directory';
import { certificate } from './support/certificate-parts';
import { element, explicit, integer, name, Oid, bitString, sequence, set, utcTime } from './support/der';
import { pkiError } from './support/errors';
import { vectorKey } from './support/vectors';

const directory = TestDirectory.forAllTests();

const der = certificate();
const pem = encodePem('CERTIFICATE', der);
const algorithm = sequence(Oid.ecdsaWithSha256);

function crl(...rest: readonly Buffer[]): Buffer {
  const tbsCertList = sequence(integer(1), algorithm, name('issuer'), utcTime('260101000000Z'), ...rest);
  return sequence(tbsCertList, algorithm, bitString(0, 1));
}

const revoked = sequence(sequence(integer(5), utcTime('260101000000Z')));
const wholeCrl = crl(utcTime('260201000000Z'), revoked, explicit(0, sequence()));

/** Strict DER to every other reader: OpenSSL takes no half of a character. */
const unusableName = sequence(set(sequence(Oid.commonName, element(0x1e, Buffer.from('d800', 'hex')))));
const unusable = {
  certificate: certificate({ issuer: unusableName }),
  crl: sequence(
    sequence(integer(1), algorithm, unusableName, utcTime('260101000000Z')),
    algorithm,
    bitString(0, 1),
  ),
};

test.each([
  [
    'certificates',
    () => readPemCertificates(directory.write('unusable', unusable.certificate)),
    'no X.509 certificate',
  ],
  ['CRLs', () => readCrls(directory.write('unusable', unusable.crl)), 'no X.509 CRL'],
])('%s that no path can be validated with are refused with their file', (_, read, text) => {
  const error = pkiError(read);
  expect(error.source).toBe(directory.file('unusable'));
  expect(error.message).toContain(text);
});

describe('files of certificates', () => {
  test.each([
    ['one in DER', der, 1],
    ['one in PEM', pem, 1],
    ['several in PEM, with text around them', `comment\n${pem}\n${pem}more`, 2],
    ['PEM behind a byte order mark', `\ufeff${pem}`, 1],
  ])('%s', (_name, contents, count) => {
    const path = directory.write('certificates', contents);
    expect(readPemCertificates(path)).toEqual(Array.from({ length: count }, () => der));
  });

  test('octets instead of a path', () => {
    expect(readPemCertificates(Buffer.from(pem))).toEqual([der]);
  });

  test('a bad one among good ones is named by its line', () => {
    const path = directory.write(
      'bad',
      `${pem}${encodePem('CERTIFICATE', Buffer.concat([der, Buffer.of(0)]))}`,
    );
    const error = pkiError(() => readPemCertificates(path));
    const line = pem.split('\n').length;
    expect(error).toMatchObject({ code: 'certificate-malformed', source: `${path}, line ${line}` });
    expect(error.message).toContain(
      `${path}, line ${line}: not a certificate in DER: 1 octets after the end`,
    );
  });

  test.each([
    ['nothing', '', 'file-empty', 'the file is empty'],
    ['text', 'hello', 'certificate-malformed', 'neither PEM nor DER: no certificates in it'],
    [
      'DER with a trailing octet',
      Buffer.concat([der, Buffer.of(0)]),
      'certificate-malformed',
      '1 octets after the end',
    ],
    ['DER of something else', sequence(integer(1)), 'certificate-malformed', 'tbsCertificate belongs'],
    [
      'a private key',
      vectorKey('client-P-256').private_pem,
      'pem-malformed',
      'line 1: a private key in a file of certificates',
    ],
    [
      'a trusted certificate of OpenSSL',
      pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
      'pem-malformed',
      'line 1: a TRUSTED CERTIFICATE where only certificates (BEGIN CERTIFICATE) belong',
    ],
    [
      'headers',
      pem.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n'),
      'pem-malformed',
      'line 1: headers',
    ],
  ])('%s is refused', (_name, contents, code, reason) => {
    const path = directory.write('refused', contents);
    const error = pkiError(() => readPemCertificates(path));
    expect(error.code).toBe(code);
    expect(error.message).toContain(path);
    expect(error.message).toContain(reason);
  });

  test('what is not there, or no file, is named', () => {
    const missing = directory.file('missing.pem');
    expect(pkiError(() => readPemCertificates(missing)).message).toBe(
      `${missing}: no such file or directory`,
    );
    mkdirSync(directory.file('directory'));
    expect(pkiError(() => readPemCertificates(directory.file('directory'))).message).toContain(
      'it is a directory',
    );
    expect(pkiError(() => readPemCertificates('/dev/zero')).message).toBe('/dev/zero: it is no file');
  });
});

describe('files of revocation lists', () => {
  test('PEM and DER', () => {
    expect(readCrls(directory.write('crl.der', wholeCrl))).toEqual([wholeCrl]);
    const two = `${encodePem('X509 CRL', wholeCrl)}${encodePem('X509 CRL', crl())}`;
    expect(readCrls(directory.write('crl.pem', two))).toEqual([wholeCrl, crl()]);
  });

  test('a list that is empty in its own way', () => {
    expect(readCrls(crl(utcTime('260201000000Z'), sequence()))).toHaveLength(1);
  });

  test.each([
    [
      'a certificate in PEM',
      Buffer.from(pem),
      'pem-malformed',
      'a CERTIFICATE where only certificate revocation lists',
    ],
    ['a certificate in DER', der, 'crl-malformed', 'not a CRL in DER'],
    ['a trailing octet', Buffer.concat([wholeCrl, Buffer.of(0)]), 'crl-malformed', 'after the end'],
    [
      'an entry without its date',
      crl(sequence(sequence(integer(5)))),
      'crl-malformed',
      'revocationDate is missing',
    ],
    [
      'something behind the extensions',
      crl(explicit(0, sequence()), integer(1)),
      'crl-malformed',
      'more than tbsCertList has',
    ],
  ])('%s is refused', (_name, octets, code, reason) => {
    const error = pkiError(() => readCrls(octets, 'revoked.crl'));
    expect(error.code).toBe(code);
    expect(error.message).toContain('revoked.crl');
    expect(error.message).toContain(reason);
  });
});

describe('files of private keys', () => {
  const openssl = (input: string, ...args: readonly string[]) =>
    execFileSync('openssl', args, { input, stdio: 'pipe' }).toString();
  const ec = vectorKey('client-P-256').private_pem;
  const rsa = vectorKey('client-RSA-2048').private_pem;
  const spkiOf = (path: string) => {
    const key = readPrivateKey(path);
    return key.asymmetricKeyType;
  };

  test.each([
    ['PKCS#8', ec, 'ec'],
    ['PKCS#8, RSA', rsa, 'rsa'],
    ['SEC1', openssl(ec, 'ec'), 'ec'],
    [
      'SEC1 behind its parameters, as OpenSSL writes it',
      openssl('', 'ecparam', '-name', 'prime256v1', '-genkey'),
      'ec',
    ],
    ['PKCS#1', openssl(rsa, 'rsa', '-traditional'), 'rsa'],
  ])('%s', (_name, contents, type) => {
    expect(spkiOf(directory.write('private.key', contents))).toBe(type);
  });

  const passphrase = ['-aes256', '-passout', 'pass:secret'];
  test.each([
    [
      'PKCS#8 with a passphrase',
      openssl(ec, 'pkey', ...passphrase),
      'key-encrypted',
      'encrypted with a passphrase',
    ],
    [
      'PKCS#1 with a passphrase',
      openssl(rsa, 'rsa', '-traditional', ...passphrase),
      'key-encrypted',
      'encrypted with a passphrase',
    ],
    ['two keys', `${ec}${rsa}`, 'pem-malformed', 'line 6: a PRIVATE KEY besides the first'],
    ['a certificate', pem, 'key-malformed', 'line 1: a CERTIFICATE, not a private key'],
    [
      'a public key',
      vectorKey('client-P-256').public_pem,
      'key-malformed',
      'a PUBLIC KEY, not a private key',
    ],
    ['parameters alone', openssl('', 'ecparam', '-name', 'prime256v1'), 'file-empty', 'no private key in it'],
    ['DER', openssl(ec, 'pkey', '-outform', 'DER'), 'key-malformed', 'not PEM: for a key in DER'],
    ['text', 'hello', 'key-malformed', 'not PEM'],
    [
      'a trailing octet',
      encodePem(
        'PRIVATE KEY',
        Buffer.concat([Buffer.from(ec.split('\n').slice(1, -2).join(''), 'base64'), Buffer.of(0)]),
      ),
      'key-malformed',
      '1 octets after the end',
    ],
    [
      'DER that is no key',
      encodePem('PRIVATE KEY', sequence(integer(0), element(0x04))),
      'key-malformed',
      'the PRIVATE KEY cannot be read',
    ],
  ])('%s is refused', (_name, contents, code, reason) => {
    const path = directory.write('refused.key', contents);
    const error = pkiError(() => readPrivateKey(path));
    expect(error.code).toBe(code);
    expect(error.message).toContain(path);
    expect(error.message).toContain(reason);
  });
});
