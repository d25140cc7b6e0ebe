// SPDX-License-Identifier: MPL-2.0

import { EndEntity, type Purpose, roleProblem } from '../../src/pki';
import { certificate, extension, extensions, p256Spki } from './support/certificate-parts';
import { bitString, Oid, sequence } from './support/der';
import { vectorKey } from './support/vectors';

const rsaSpki = Buffer.from(vectorKey('server-RSA-2048').spki, 'hex');

interface Usages {
  readonly spki?: Buffer;
  readonly purposes?: readonly Buffer[] | undefined;
  readonly keyUsage?: Buffer | undefined;
}

const digitalSignature = 0x80;
const keyEncipherment = 0x20;
const keyAgreement = 0x08;

/** keyUsage of one octet, without the zero bits at its end. */
function usage(octet: number): Buffer {
  let unused = 0;
  while (((octet >> unused) & 1) === 0) {
    unused += 1;
  }
  return bitString(unused, octet);
}

function problem({ spki = p256Spki, purposes, keyUsage }: Usages, purpose: Purpose, decrypts = false) {
  const list = [
    ...(purposes === undefined ? [] : [extension(Oid.extendedKeyUsage, sequence(...purposes))]),
    ...(keyUsage === undefined ? [] : [extension(Oid.keyUsage, keyUsage)]),
  ];
  const rest = list.length === 0 ? [] : [extensions(...list)];
  return roleProblem(EndEntity.parse(certificate({ subjectPublicKeyInfo: spki, rest })), purpose, decrypts);
}

describe('the role of a certificate (docs/protocol.md 2)', () => {
  test.each<[string, Usages, Purpose]>([
    ['a server', { purposes: [Oid.serverAuth] }, 'server'],
    ['a client', { purposes: [Oid.clientAuth] }, 'client'],
    ['both', { purposes: [Oid.clientAuth, Oid.serverAuth] }, 'server'],
    ['EC for signatures', { purposes: [Oid.clientAuth], keyUsage: usage(digitalSignature) }, 'client'],
    [
      'RSA for signatures',
      { spki: rsaSpki, purposes: [Oid.serverAuth], keyUsage: usage(digitalSignature) },
      'server',
    ],
  ])('%s is allowed', (_name, usages, purpose) => {
    expect(problem(usages, purpose)).toBeUndefined();
  });

  test.each<[string, Usages, Purpose]>([
    ['no key usage', { purposes: [Oid.serverAuth] }, 'server'],
    [
      'EC for key agreement',
      { purposes: [Oid.clientAuth], keyUsage: usage(digitalSignature | keyAgreement) },
      'client',
    ],
    [
      'RSA for key encipherment',
      { spki: rsaSpki, purposes: [Oid.serverAuth], keyUsage: usage(digitalSignature | keyEncipherment) },
      'server',
    ],
  ])('%s may decrypt (docs/protocol.md 9)', (_name, usages, purpose) => {
    expect(problem(usages, purpose, true)).toBeUndefined();
  });

  test.each<[string, Usages, Purpose, string]>([
    [
      "a server's shown by a client",
      { purposes: [Oid.serverAuth] },
      'client',
      'clientAuth, this one has another',
    ],
    [
      "a client's shown by a server",
      { purposes: [Oid.clientAuth] },
      'server',
      'serverAuth, this one has another',
    ],
    ['no extended key usage', {}, 'client', 'this one has no extended key usage'],
    ['any extended key usage', { purposes: [Oid.anyExtendedKeyUsage] }, 'server', 'this one has another'],
  ])('%s is refused', (_name, usages, purpose, reason) => {
    expect(problem(usages, purpose)).toEqual({
      rule: 'extended-key-usage',
      message: expect.stringContaining(reason) as string,
    });
  });

  test.each<[string, Usages]>([
    ['EC for key agreement', { keyUsage: usage(keyAgreement) }],
    ['RSA for key encipherment', { spki: rsaSpki, keyUsage: usage(keyEncipherment) }],
    ['RSA for signing certificates', { spki: rsaSpki, keyUsage: usage(0x04) }],
  ])('%s alone is refused', (_name, usages) => {
    expect(problem({ ...usages, purposes: [Oid.clientAuth] }, 'client')).toEqual({
      rule: 'key-usage',
      message: expect.stringContaining('lacks digitalSignature') as string,
    });
  });

  test.each<[string, Usages, string]>([
    ['EC without signatures', { keyUsage: usage(keyAgreement) }, 'lacks digitalSignature'],
    ['EC without key agreement', { keyUsage: usage(digitalSignature) }, 'lacks keyAgreement'],
    [
      'EC for key encipherment',
      { keyUsage: usage(digitalSignature | keyEncipherment) },
      'lacks keyAgreement',
    ],
    [
      'RSA for key agreement',
      { spki: rsaSpki, keyUsage: usage(digitalSignature | keyAgreement) },
      'lacks keyEncipherment',
    ],
    [
      'RSA for signing certificates',
      { spki: rsaSpki, keyUsage: usage(0x04) },
      'lacks digitalSignature and keyEncipherment',
    ],
  ])('%s is refused where it must decrypt (docs/protocol.md 9)', (_name, usages, reason) => {
    expect(problem({ ...usages, purposes: [Oid.clientAuth] }, 'client', true)).toEqual({
      rule: 'key-usage',
      message: expect.stringContaining(reason) as string,
    });
  });
});
