// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { generateKeyPairSync } from 'node:crypto';
import {
  algorithms,
  basicConstraints,
  encodeExtension,
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
  generalizedTime,
  implicit,
  integer,
  integerOctets,
  namedBits,
  no,
  nothing,
  octetString,
  oid,
  sequence,
  set,
  tlv,
  utcTime,
  utf8,
  yes,
} from './support/der';
import {
  authority,
  type Changes,
  dns,
  root,
  subjectAltName,
  verdictOf,
  verify,
  withExtension,
  without,
} from './support/pki';

function ofEndEntity(changes: Changes, ...rest: [Parameters<typeof verify>[1]?]): Promise<string> {
  return verdictOf([authority.endEntity(changes), authority.certificate], ...rest);
}

const rsaUsage = { [ids.keyUsage]: keyUsage(usage.digitalSignature, usage.keyEncipherment) };

describe('an end entity whose key must decrypt (docs/protocol.md 9)', () => {
  const decrypts = { decrypts: true };

  test.each<[string, Changes]>([
    ['without keyUsage', without(ids.keyUsage)],
    ['with keyAgreement and a P-256 key', {}],
    ['with keyEncipherment and an RSA key', { spki: rsaSpki(2048), extensions: rsaUsage }],
  ])('is accepted %s', async (_name, changes) => {
    await expect(ofEndEntity(changes, decrypts)).resolves.toBe('accepted');
  });

  test.each<[string, Changes]>([
    ['with digitalSignature alone', { extensions: { [ids.keyUsage]: keyUsage(0) } }],
    ['with keyAgreement alone', { extensions: { [ids.keyUsage]: keyUsage(4) } }],
    ['with keyEncipherment and a P-256 key', { extensions: { [ids.keyUsage]: keyUsage(0, 2) } }],
    ['with keyAgreement and an RSA key', { spki: rsaSpki(2048) }],
  ])('is refused %s', async (_name, changes) => {
    await expect(ofEndEntity(changes, decrypts)).resolves.toBe('0 key-usage');
  });
});

describe('an end entity that is all right', () => {
  test.each(['client', 'server'] as const)('is accepted as a %s', async (purpose) => {
    await expect(ofEndEntity({}, { purpose })).resolves.toBe('accepted');
  });

  test.each<[string, Changes]>([
    ['without keyUsage', without(ids.keyUsage)],
    ['with keyUsage digitalSignature alone', { extensions: { [ids.keyUsage]: keyUsage(0) } }],
    [
      'with keyUsage digitalSignature alone, and an RSA key',
      { spki: rsaSpki(2048), extensions: { [ids.keyUsage]: keyUsage(0) } },
    ],
    ['with a serial number of 20 octets', { serial: integerOctets(Buffer.alloc(20, 0x7f)) }],
    [
      'with a subjectAltName of every form',
      subjectAltName(
        implicit(1, 'a@example.com'),
        dns('host-1.example.com'),
        dns('*.example.com'),
        dns('x'),
        explicit(4, name('dir')),
        implicit(6, 'urn:uuid:1'),
        implicit(7, Buffer.alloc(4)),
        implicit(7, Buffer.alloc(16)),
        implicit(8, Buffer.from([0x2a, 0x03])),
      ),
    ],
    ['with an unknown extension that is not critical', withExtension('1.2.3.4', false, nothing)],
    [
      'with an empty subject and a critical subjectAltName',
      {
        ...withExtension(ids.subjectAltName, true, sequence(dns('host.example.com'))),
        subject: name(''),
      },
    ],
    ['with a P-384 key', { spki: spkiOf(newKey('P-384')) }],
    ['with an RSA key of 2048 bits', { spki: rsaSpki(2048), extensions: rsaUsage }],
    ['with an RSA key of 4096 bits', { spki: rsaSpki(4096), extensions: rsaUsage }],
    ['with an RSA exponent of 64 bits', { spki: rsaSpki(2048, 2n ** 64n - 1n), extensions: rsaUsage }],
    ['signed with SHA-384', { algorithm: algorithms.ecdsaWithSha384, hash: 'sha384' }],
    [
      'with dates as GeneralizedTime',
      {
        notBefore: generalizedTime(validity.notBefore),
        notAfter: generalizedTime(validity.notAfter),
      },
    ],
    ['that never expires', { notAfter: tlv(0x18, Buffer.from('99991231235959Z')) }],
  ])('%s', async (_name, changes) => {
    await expect(ofEndEntity(changes)).resolves.toBe('accepted');
  });
});

describe('RFC 5280 section 4.1: fields of an end entity', () => {
  test.each<[string, Changes, string]>([
    ['version 1', { version: Buffer.alloc(0), extensionList: [] }, 'version'],
    ['version 1 with extensions', { version: Buffer.alloc(0) }, 'version'],
    ['version 2', { version: explicit(0, integer(1)) }, 'version'],
    ['version 4', { version: explicit(0, integer(3)) }, 'version'],
    ['serial number 0', { serial: integer(0) }, 'serial-number'],
    ['serial number -1', { serial: integerOctets(Buffer.from([0xff])) }, 'serial-number'],
    ['a serial number of 21 octets', { serial: integerOctets(Buffer.alloc(21, 0x7f)) }, 'serial-number'],
    [
      'a serial number of 20 octets and a sign',
      {
        serial: integerOctets(Buffer.concat([Buffer.alloc(1), Buffer.alloc(20, 0xff)])),
      },
      'serial-number',
    ],
    ['a serial number that is not minimal', { serial: integerOctets(Buffer.from([0, 1])) }, 'malformed'],
    ['two signature algorithms', { outerAlgorithm: algorithms.ecdsaWithSha384 }, 'signature-algorithm'],
    ['SHA-1', { algorithm: algorithms.ecdsaWithSha1, hash: 'sha1' }, 'signature-algorithm'],
    ['SHA-224', { algorithm: algorithms.ecdsaWithSha224, hash: 'sha224' }, 'signature-algorithm'],
    ['an unknown signature algorithm', { algorithm: sequence(oid('1.2.3.4')) }, 'signature-algorithm'],
    ['parameters of ECDSA', { algorithm: algorithms.ecdsaWithSha256AndNull }, 'signature-algorithm'],
    ['a signature that is none', { signature: Buffer.alloc(70, 1) }, 'signature'],
    ['an empty signature', { signature: Buffer.alloc(0) }, 'signature'],
    ['another issuer', { issuer: name('Somebody') }, 'issuer-unknown'],
    ['no issuer', { issuer: name('') }, 'issuer-unknown'],
    ['neither subject nor subjectAltName', { subject: name('') }, 'empty-name'],
    ['notBefore a second from now', { notBefore: utcTime(validity.now + 1) }, 'not-yet-valid'],
    ['notAfter a second ago', { notAfter: utcTime(validity.now - 1) }, 'expired'],
    ['a date without seconds', { notAfter: tlv(0x17, Buffer.from('3001010000Z')) }, 'malformed'],
    ['a date with a fraction', { notAfter: tlv(0x18, Buffer.from('20300101000000.5Z')) }, 'malformed'],
    ['a date in another zone', { notAfter: tlv(0x17, Buffer.from('300101000000+0100')) }, 'malformed'],
    ['a date of month 13', { notAfter: tlv(0x17, Buffer.from('301301000000Z')) }, 'invalid-date'],
    ['a date that is a number', { notAfter: integer(1) }, 'malformed'],
  ])('%s', async (_name, changes, code) => {
    await expect(ofEndEntity(changes)).resolves.toBe(`0 ${code}`);
  });

  test.each([
    ['notBefore', { notBefore: utcTime(validity.now) }],
    ['notAfter', { notAfter: utcTime(validity.now) }],
  ])('the very second of %s belongs to the validity period', async (_name, changes) => {
    await expect(ofEndEntity(changes)).resolves.toBe('accepted');
  });
});

describe('docs/protocol.md 2: strict DER', () => {
  const good = authority.endEntity();
  const body = good.subarray(4);
  const subject = (tag: number, hex: string) =>
    sequence(set(sequence(oid('2.5.4.3'), tlv(tag, Buffer.from(hex, 'hex')))));

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an octet behind the certificate', Buffer.concat([good, Buffer.alloc(1)])],
    ['a certificate twice', Buffer.concat([good, good])],
    ['its last octet missing', good.subarray(0, -1)],
    ['an indefinite length', Buffer.concat([Buffer.from([0x30, 0x80]), body, Buffer.alloc(2)])],
    [
      'a length of three octets where two do',
      Buffer.concat([Buffer.from([0x30, 0x83, 0]), good.subarray(2)]),
    ],
    [
      'PEM',
      Buffer.from(`-----BEGIN CERTIFICATE-----\n${good.toString('base64')}\n-----END CERTIFICATE-----\n`),
    ],
    ['another structure', sequence(integer(1))],
    ['UTF-8 that is none', authority.endEntity({ subject: subject(0x0c, 'c328') })],
    ['UTF-8 in an overlong form', authority.endEntity({ subject: subject(0x0c, 'c080') })],
    ['UTF-8 of a surrogate', authority.endEntity({ subject: subject(0x0c, 'eda080') })],
    ['UTF-8 that is cut', authority.endEntity({ subject: subject(0x0c, '41e282') })],
    ['a PrintableString with an @', authority.endEntity({ subject: subject(0x13, '40') })],
    ['a PrintableString with a zero octet', authority.endEntity({ subject: subject(0x13, '4100') })],
    ['an IA5String with an octet of eight bits', authority.endEntity({ subject: subject(0x16, 'e4') })],
    [
      'a SET that is not sorted',
      authority.endEntity({
        subject: sequence(set(sequence(oid('2.5.4.10'), utf8('b')), sequence(oid('2.5.4.10'), utf8('a')))),
      }),
    ],
    [
      'a false BOOLEAN',
      authority.endEntity({
        extensionList: [sequence(oid('1.2.3.4'), no, octetString(nothing))],
      }),
    ],
  ])('%s', async (_name, octets) => {
    await expect(verdictOf([octets, authority.certificate])).resolves.toBe('0 malformed');
  });

  test('an intermediate that comes along, though the path does not need it', async () => {
    const chain = [authority.endEntity(), authority.certificate, Buffer.concat([good, Buffer.alloc(1)])];
    await expect(verdictOf(chain)).resolves.toBe('2 malformed');
  });

  test.each<[string, Buffer]>([
    ['a list of bits with zeros at its end', bitString(Buffer.from([0x88]), 0)],
    ['unused bits that are set', bitString(Buffer.from([0x8f]), 3)],
    [
      'something behind the value',
      Buffer.concat([namedBits(usage.digitalSignature, usage.keyAgreement), nothing]),
    ],
  ])('keyUsage with %s', async (_name, value) => {
    await expect(ofEndEntity(withExtension(ids.keyUsage, true, value))).resolves.toBe(
      '0 malformed-extension',
    );
  });
});

describe('RFC 5280 section 4.2: extensions of an end entity', () => {
  test.each<[string, Changes, string]>([
    ['unknown and critical', withExtension('1.2.3.4', true, nothing), 'unknown-critical-extension'],
    [
      'the same twice',
      {
        extensionList: ['1.2.3.4', ids.keyUsage, '1.2.3.4'].map((id) =>
          encodeExtension(extension(id, false, namedBits(0, 4))),
        ),
      },
      'duplicate-extension',
    ],
    [
      'basicConstraints: a CA',
      { extensions: { [ids.basicConstraints]: basicConstraints(yes) } },
      'end-entity-is-ca',
    ],
    [
      'basicConstraints: a CA, with keyUsage of one',
      {
        extensions: {
          [ids.basicConstraints]: basicConstraints(yes),
          [ids.keyUsage]: keyUsage(0, 4, 5),
        },
      },
      'end-entity-is-ca',
    ],
    [
      'basicConstraints: a path length without being a CA',
      {
        extensions: {
          [ids.basicConstraints]: basicConstraints(integer(1)),
        },
      },
      'basic-constraints',
    ],
    [
      'basicConstraints: FALSE is the default',
      {
        extensions: {
          [ids.basicConstraints]: basicConstraints(no),
        },
      },
      'malformed-extension',
    ],
    [
      'keyUsage: no bit',
      withExtension(ids.keyUsage, true, bitString(Buffer.alloc(0))),
      'malformed-extension',
    ],
    ['keyUsage: keyCertSign', { extensions: { [ids.keyUsage]: keyUsage(0, 4, 5) } }, 'key-usage'],
    ['keyUsage: no digitalSignature', { extensions: { [ids.keyUsage]: keyUsage(4) } }, 'key-usage'],
    ['extKeyUsage: absent', without(ids.extKeyUsage), 'extended-key-usage'],
    ['extKeyUsage: empty', { extensions: { [ids.extKeyUsage]: extKeyUsage() } }, 'malformed-extension'],
    [
      'extKeyUsage: server',
      { extensions: { [ids.extKeyUsage]: extKeyUsage(ids.serverAuth) } },
      'extended-key-usage',
    ],
    [
      'extKeyUsage: any',
      {
        extensions: {
          [ids.extKeyUsage]: extKeyUsage(ids.anyExtendedKeyUsage),
        },
      },
      'extended-key-usage',
    ],
    [
      'nameConstraints',
      withExtension(ids.nameConstraints, true, sequence(explicit(0, sequence(dns('a'))))),
      'name-constraints',
    ],
    [
      'nameConstraints, not critical',
      withExtension(ids.nameConstraints, false, sequence(explicit(0, sequence(dns('a'))))),
      'name-constraints',
    ],
    [
      'authorityKeyIdentifier: empty',
      withExtension(ids.authorityKeyIdentifier, false, sequence()),
      'authority-key-identifier',
    ],
    [
      'authorityKeyIdentifier: of an issuer without its serial number',
      withExtension(
        ids.authorityKeyIdentifier,
        false,
        sequence(implicit(0, keyIdentifier(authority.spki)), explicit(1, explicit(4, name('Root')))),
      ),
      'authority-key-identifier',
    ],
    [
      'authorityKeyIdentifier: critical',
      withExtension(ids.authorityKeyIdentifier, true, sequence(implicit(0, keyIdentifier(authority.spki)))),
      'authority-key-identifier',
    ],
    [
      'authorityKeyIdentifier: of another key',
      withExtension(ids.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(root.spki)))),
      'issuer-unknown',
    ],
    [
      'subjectKeyIdentifier: critical',
      withExtension(ids.subjectKeyIdentifier, true, octetString(Buffer.alloc(20))),
      'subject-key-identifier',
    ],
    [
      'subjectKeyIdentifier: empty',
      withExtension(ids.subjectKeyIdentifier, false, octetString(Buffer.alloc(0))),
      'subject-key-identifier',
    ],
    ['subjectAltName: empty', subjectAltName(), 'malformed-extension'],
    [
      'certificatePolicies: empty',
      withExtension(ids.certificatePolicies, false, sequence()),
      'malformed-extension',
    ],
    ['cRLDistributionPoints: empty', withExtension('2.5.29.31', false, sequence()), 'malformed-extension'],
    [
      'authorityInfoAccess: empty',
      withExtension('1.3.6.1.5.5.7.1.1', false, sequence()),
      'malformed-extension',
    ],
    [
      'authorityInfoAccess: a number',
      withExtension('1.3.6.1.5.5.7.1.1', false, integer(1)),
      'malformed-extension',
    ],
    [
      'authorityInfoAccess: critical',
      withExtension(
        '1.3.6.1.5.5.7.1.1',
        true,
        sequence(sequence(oid('1.3.6.1.5.5.7.48.1'), implicit(6, 'http://x/'))),
      ),
      'unknown-critical-extension',
    ],
    [
      'subjectAltName: not critical under an empty subject',
      { ...subjectAltName(dns('a')), subject: name('') },
      'subject-alt-name',
    ],
    ...[
      '',
      ' ',
      '.',
      '.example.com',
      'example.com.',
      'a..b',
      '-a.example',
      'a-.example',
      'a_b.example',
      'a b.example',
      'a.*.example',
      '*',
      '*.',
      'a*.example',
      'a\0.example',
      'exämple.com',
      `${'x'.repeat(64)}.example`,
      `${'x.'.repeat(127)}x`,
    ].map((text): [string, Changes, string] => [
      `subjectAltName: dNSName '${text.slice(0, 20)}'`,
      subjectAltName(dns(text)),
      'subject-alt-name',
    ]),
    ...['', 'a', '@example.com', 'a@', 'a@.example.com', 'a b@example.com'].map(
      (text): [string, Changes, string] => [
        `subjectAltName: rfc822Name '${text}'`,
        subjectAltName(implicit(1, text)),
        'subject-alt-name',
      ],
    ),
    ...['', 'host', '//host/path', 'http:', '1http://host', 'http://a b', 'http://a\0'].map(
      (text): [string, Changes, string] => [
        `subjectAltName: URI '${text}'`,
        subjectAltName(implicit(6, text)),
        'subject-alt-name',
      ],
    ),
    ...[0, 3, 5, 8, 32].map((length): [string, Changes, string] => [
      `subjectAltName: iPAddress of ${String(length)} octets`,
      subjectAltName(implicit(7, Buffer.alloc(length))),
      'subject-alt-name',
    ]),
    ['subjectAltName: an empty directoryName', subjectAltName(explicit(4, name(''))), 'subject-alt-name'],
    [
      'subjectAltName: not to be decoded',
      withExtension(ids.subjectAltName, false, integer(1)),
      'malformed-extension',
    ],
  ])('%s', async (_name, changes, code) => {
    await expect(ofEndEntity(changes)).resolves.toBe(`0 ${code}`);
  });

  test('extKeyUsage: a client is no server', async () => {
    const client = { extensions: { [ids.extKeyUsage]: extKeyUsage(ids.clientAuth) } };
    await expect(ofEndEntity(client, { purpose: 'server' })).resolves.toBe('0 extended-key-usage');
    await expect(ofEndEntity(client, { purpose: 'client' })).resolves.toBe('accepted');
  });

  test('the purpose any asks for no role, but for an end entity', async () => {
    await expect(ofEndEntity(without(ids.extKeyUsage), { purpose: 'any' })).resolves.toBe('accepted');
    const ca = { extensions: { [ids.basicConstraints]: basicConstraints(yes) } };
    await expect(ofEndEntity(ca, { purpose: 'any' })).resolves.toBe('0 end-entity-is-ca');
  });
});

describe('docs/protocol.md 2: keys of an end entity', () => {
  const p256 = spkiOf(newKey());
  const point = p256.subarray(-65);
  const ecKey = (curve: Buffer, octets: Buffer) =>
    sequence(sequence(oid('1.2.840.10045.2.1'), curve), bitString(octets));
  const compressed = Buffer.concat([Buffer.from([2 + (point[64]! & 1)]), point.subarray(1, 33)]);
  const spki = (type: 'ed25519' | 'x25519' | 'ed448') =>
    (type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : type === 'ed448'
        ? generateKeyPairSync('ed448')
        : generateKeyPairSync('x25519')
    ).publicKey.export({ type: 'spki', format: 'der' });
  const explicitCurve = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    paramEncoding: 'explicit',
  }).publicKey;

  test.each<[string, Buffer, string]>([
    ['RSA of 1024 bits', rsaSpki(1024), 'key-size'],
    ['RSA of 2047 bits', rsaSpki(2047), 'key-size'],
    ['RSA of 4097 bits', rsaSpki(4097), 'key-size'],
    ['RSA of 16384 bits', rsaSpki(16384), 'key-size'],
    ['RSA with the exponent 1', rsaSpki(2048, 1n), 'key-size'],
    ['RSA with an even exponent', rsaSpki(2048, 65536n), 'key-size'],
    ['RSA with an exponent of 65 bits', rsaSpki(2048, 2n ** 64n + 1n), 'key-size'],
    ['RSA without the parameter NULL', rsaSpki(2048, 65537n, Buffer.alloc(0)), 'key-encoding'],
    [
      'RSA of a key that is none',
      sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing), bitString(nothing)),
      'key-encoding',
    ],
    [
      'RSASSA-PSS',
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey.export({
        type: 'spki',
        format: 'der',
      }),
      'key-type',
    ],
    [
      'DSA',
      generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).publicKey.export({
        type: 'spki',
        format: 'der',
      }),
      'key-type',
    ],
    ['Ed25519', spki('ed25519'), 'key-type'],
    ['Ed448', spki('ed448'), 'key-type'],
    ['X25519', spki('x25519'), 'key-type'],
    ['an unknown type', sequence(sequence(oid('1.2.3.4')), bitString(Buffer.alloc(32))), 'key-type'],
    ['P-521', spkiOf(newKey('P-521')), 'key-type'],
    ['P-224', spkiOf(newKey('P-224')), 'key-type'],
    ['secp256k1', spkiOf(newKey('secp256k1')), 'key-type'],
    ['a compressed point', ecKey(oid('1.2.840.10045.3.1.7'), compressed), 'key-encoding'],
    [
      'a point that is not on the curve',
      ecKey(
        oid('1.2.840.10045.3.1.7'),
        Buffer.concat([point.subarray(0, 64), Buffer.from([point[64]! ^ 1])]),
      ),
      'key-encoding',
    ],
    ['the point at infinity', ecKey(oid('1.2.840.10045.3.1.7'), Buffer.alloc(1)), 'key-encoding'],
    ['no point', ecKey(oid('1.2.840.10045.3.1.7'), Buffer.alloc(0)), 'key-encoding'],
    ['a curve by its parameters', explicitCurve.export({ type: 'spki', format: 'der' }), 'key-encoding'],
    [
      'a point with unused bits',
      sequence(
        sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
        bitString(Buffer.concat([point.subarray(0, 64), Buffer.from([point[64]! & 0xfe])]), 1),
      ),
      'key-encoding',
    ],
    ['no curve', ecKey(nothing, point), 'key-encoding'],
  ])('%s', async (_name, key, code) => {
    const extensions = {
      [ids.keyUsage]: keyUsage(usage.digitalSignature, usage.keyEncipherment, usage.keyAgreement),
    };
    await expect(ofEndEntity({ spki: key, extensions })).resolves.toBe(`0 ${code}`);
  });
});

describe('a refusal', () => {
  test('names certificate, subject and rule', async () => {
    const expired = { notAfter: utcTime(validity.now - 1) };
    await expect(
      verify([authority.endEntity(expired, 'client-7\n\u0007, Inc.'), authority.certificate]),
    ).resolves.toEqual({
      accepted: false,
      depth: 0,
      code: 'expired',
      message: 'certificate 0 (CN=client-7\\0A\\07\\, Inc.): certificate has expired',
    });
  });

  test('keeps a long subject short', async () => {
    const long = authority.endEntity({ serial: integer(0) }, 'x'.repeat(5000));
    const result = await verify([long, authority.certificate]);
    expect(result.accepted || result.message.length).toBeLessThan(400);
  });
});
