// SPDX-License-Identifier: MPL-2.0

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { EndEntity, PkiError, readPemCertificates } from '../../src/pki';
import {
  certificate,
  certificateWith,
  extension,
  extensions,
  p256Spki,
  validity,
} from './support/certificate-parts';
import {
  bitString,
  boolean,
  element,
  explicit,
  generalizedTime,
  integer,
  name,
  octetString,
  oid,
  Oid,
  sequence,
  set,
  utcTime,
  utf8String,
} from './support/der';
import { pkiError } from './support/errors';
import { vectorKey, vectors, vectorsDirectory } from './support/vectors';

const dNSName = (text: string) => element(0x82, Buffer.from(text));
const uri = (text: string) => element(0x86, Buffer.from(text));
const subjectAltName = (...names: readonly Buffer[]) => extension(Oid.subjectAltName, sequence(...names));
const keyUsage = (value: Buffer) => extension(Oid.keyUsage, value);

describe('the certificates of the protocol vectors', () => {
  test.each(Object.keys(vectors.keys))('%s', (keyName) => {
    const key = vectorKey(keyName);
    const chain = readPemCertificates(Buffer.from(key.certificate_chain_pem));
    const endEntity = EndEntity.parse(chain[0]!);
    expect(endEntity.spki.toString('hex')).toBe(key.spki);
    expect(endEntity.keyId.toString('hex')).toBe(key.key_id);
    expect(endEntity.keyType).toBe(key.type);
    expect(endEntity.subject).toMatch(/^O=vectors \w+, CN=/);
    expect(endEntity.issuer).toMatch(/^O=vectors \w+, CN=issuing$/);
    expect(endEntity.notBefore).toEqual(new Date('2025-01-01T00:00:00Z'));
    expect(endEntity.notAfter).toEqual(new Date('2055-01-01T00:00:00Z'));
    const role = keyName.startsWith('server') ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
    expect(endEntity.extendedKeyUsage).toEqual(new Set([role]));
  });
});

describe('fields', () => {
  test('names, in the order in which the certificate has them', () => {
    const endEntity = EndEntity.parse(
      certificate({ subject: name('first', 'second'), issuer: name('a, b') }),
    );
    expect(endEntity.subject).toBe('CN=first, CN=second');
    expect(endEntity.issuer).toBe('CN=a\\, b');
    expect(endEntity.subjectDer).toEqual(name('first', 'second'));
    expect(endEntity.issuerDer).toEqual(name('a, b'));
  });

  test('a name cannot write lines of its own into a log, or turn its direction', () => {
    const { subject } = EndEntity.parse(certificate({ subject: name('a\nb\u001b[31m\u202ec\u2028d') }));
    expect(subject).toBe('CN=a\\0Ab\\1B[31m\\E2\\80\\AEc\\E2\\80\\A8d');
  });

  test.each([
    ['BMPString', element(0x1e, Buffer.from('0041', 'hex')), 'CN=A'],
    ['a number', integer(5), 'CN=#020105'],
    ['a sequence', sequence(integer(5)), 'CN=#3003020105'],
    ['a choice of its own', element(0x82, Buffer.of(0xff)), 'CN=#8201ff'],
    ['an empty string', utf8String(''), 'CN='],
  ])('a name made of %s is text all the same', (_name, value, text) => {
    const subject = sequence(set(sequence(Oid.commonName, value)));
    expect(EndEntity.parse(certificate({ subject })).subject).toBe(text);
  });

  test('any value of any type makes a text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xff }), fc.uint8Array({ maxLength: 8 }), (tag, contents) => {
        const subject = sequence(set(sequence(Oid.commonName, element(tag, Buffer.from(contents)))));
        try {
          expect(EndEntity.parse(certificate({ subject })).subject).toMatch(/^(?:CN=|#)/);
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('an empty subject', () => {
    expect(EndEntity.parse(certificate({ subject: sequence() })).subject).toBe('');
  });

  test('subjectAltNames by their form (RFC 5280 section 4.2.1.6)', () => {
    const endEntity = EndEntity.parse(
      certificateWith(
        subjectAltName(
          dNSName('a.example'),
          uri('dhcp://b/'),
          element(0x81, Buffer.from('c@example')),
          dNSName('d.example'),
          element(0x87, Buffer.of(192, 0, 2, 1)),
          element(0xa4, name('directory')),
        ),
      ),
    );
    expect(endEntity.subjectAltNames).toEqual({
      dns: ['a.example', 'd.example'],
      uri: ['dhcp://b/'],
      email: ['c@example'],
    });
  });

  test('a certificate without extensions limits nothing and has no names', () => {
    const endEntity = EndEntity.parse(certificate());
    expect(endEntity.keyUsage).toBeUndefined();
    expect(endEntity.extendedKeyUsage).toBeUndefined();
    expect(endEntity.subjectAltNameDer).toBeUndefined();
    expect(endEntity.subjectAltNames).toEqual({ dns: [], uri: [], email: [] });
  });

  test('keyUsage by its bits (RFC 5280 section 4.2.1.3)', () => {
    const usageOf = (value: Buffer) => EndEntity.parse(certificateWith(keyUsage(value))).keyUsage;
    expect(usageOf(bitString(3, 0x88))).toEqual(new Set(['digitalSignature', 'keyAgreement']));
    expect(usageOf(bitString(7, 0x00, 0x80))).toEqual(new Set(['decipherOnly']));
  });

  test.each([
    ['positive', [0x12, 0x34], '1234'],
    ['with a sign octet', [0x00, 0xff], 'ff'],
    ['zero', [0x00], '00'],
    ['negative', [0xff, 0x00], '-0100'],
  ])('a serial number that is %s', (_name, octets, text) => {
    expect(EndEntity.parse(certificate({ serialNumber: integer(...octets) })).serial).toBe(text);
  });

  test.each([
    [utcTime('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    [utcTime('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    [generalizedTime('20500229000000Z'), undefined],
    [generalizedTime('20520229000000Z'), '2052-02-29T00:00:00.000Z'],
    [generalizedTime('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
    [utcTime('250230000000Z'), undefined],
    [utcTime('250101240000Z'), undefined],
    [utcTime('250101006000Z'), undefined],
  ])('a time (RFC 5280 section 4.1.2.5) %#', (time, text) => {
    const parse = () => EndEntity.parse(certificate({ validity: validity(utcTime('250101000000Z'), time) }));
    if (text === undefined) {
      expect(pkiError(parse).message).toContain('notAfter is no time');
    } else {
      expect(parse().notAfter.toISOString()).toBe(text);
    }
  });
});

describe('what is no certificate in strict DER is refused', () => {
  const padded = Buffer.concat([certificate(), Buffer.of(0)]);
  const compressed = Buffer.from(
    '3039301306072a8648ce3d020106082a8648ce3d030107032200036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
    'hex',
  );
  const explicitV1 = certificate({ version: explicit(0, integer(0)) });

  test.each<[string, Buffer, string]>([
    ['a trailing octet', padded, '1 octets after the end'],
    ['two certificates', Buffer.concat([certificate(), certificate()]), 'octets after the end'],
    ['nothing', Buffer.alloc(0), 'ends inside'],
    ['version 1 written out', explicitV1, 'a version that is neither'],
    ['version 4', certificate({ version: explicit(0, integer(3)) }), 'a version that is neither'],
    ['two versions', certificate({ version: explicit(0, integer(2), integer(2)) }), 'more than version has'],
    ['no serial number', certificate({ serialNumber: Buffer.alloc(0) }), 'serialNumber belongs'],
    [
      'two signature algorithms (RFC 5280 section 4.1.1.2)',
      certificate({ signatureAlgorithm: sequence(Oid.ecdsaWithSha384) }),
      'differ',
    ],
    ['an empty part of a name', certificate({ subject: sequence(set()) }), 'attribute of subject is missing'],
    [
      'an attribute without a value',
      certificate({ subject: sequence(set(sequence(Oid.commonName))) }),
      'attribute value of subject is missing',
    ],
    [
      'an attribute with two values',
      certificate({ issuer: sequence(set(sequence(Oid.commonName, utf8String('a'), utf8String('b')))) }),
      'more than an attribute of issuer has',
    ],
    [
      'three times',
      certificate({
        validity: sequence(utcTime('250101000000Z'), utcTime('450101000000Z'), utcTime('450101000000Z')),
      }),
      'more than validity has',
    ],
    [
      'extensions in version 1',
      certificate({ version: undefined, rest: [extensions(keyUsage(bitString(7, 0x80)))] }),
      'extensions in a version 1',
    ],
    [
      'extensions in version 2',
      certificate({ version: explicit(0, integer(1)), rest: [extensions(keyUsage(bitString(7, 0x80)))] }),
      'extensions in a version 2',
    ],
    [
      'a unique identifier in version 1',
      certificate({ version: undefined, rest: [element(0x81, Buffer.of(0, 1))] }),
      'issuerUniqueID in a version 1',
    ],
    ['an empty list of extensions', certificateWith(), 'an extension is missing'],
    [
      'an extension twice (RFC 5280 section 4.2)',
      certificateWith(subjectAltName(dNSName('a')), subjectAltName(dNSName('b'))),
      '2.5.29.17 twice',
    ],
    [
      'critical FALSE written out',
      certificateWith(extension(Oid.keyUsage, bitString(7, 0x80), [boolean(0)])),
      'a BOOLEAN FALSE, the default, written out',
    ],
    [
      'critical with another octet than FF',
      certificateWith(extension(Oid.keyUsage, bitString(7, 0x80), [boolean(1)])),
      'a BOOLEAN that is neither 00 nor FF',
    ],
    [
      'something behind the extensions',
      certificate({ rest: [extensions(keyUsage(bitString(7, 0x80))), integer(1)] }),
      'more than tbsCertificate has',
    ],
    ['keyUsage without bits', certificateWith(keyUsage(bitString(0))), 'keyUsage'],
    [
      'keyUsage with zero bits at its end',
      certificateWith(keyUsage(bitString(0, 0x80))),
      'zero bits at its end',
    ],
    ['keyUsage of another type', certificateWith(keyUsage(octetString(Buffer.of(0x80)))), 'keyUsage belongs'],
    [
      'an extended key usage without purposes',
      certificateWith(extension(Oid.extendedKeyUsage, sequence())),
      'a key purpose is missing',
    ],
    [
      'an extension that is no DER',
      certificateWith(extension(Oid.extendedKeyUsage, Buffer.from('3080', 'hex'))),
      'extKeyUsage not in DER',
    ],
    ['a subjectAltName without names', certificateWith(subjectAltName()), 'a subjectAltName is missing'],
    ['an empty DNS name', certificateWith(subjectAltName(dNSName(''))), 'is empty or has characters'],
    [
      'a DNS name with a NUL',
      certificateWith(subjectAltName(dNSName('a.example\0.b'))),
      'is empty or has characters',
    ],
    [
      'a DNS name beyond ASCII',
      certificateWith(subjectAltName(dNSName('ü.example'))),
      'is empty or has characters',
    ],
    ['a URI with a space', certificateWith(subjectAltName(uri('dhcp://a b'))), 'is empty or has characters'],
    ['a subjectAltName of no known form', certificateWith(subjectAltName(utf8String('a'))), 'which no form'],
    ['an EC point that is compressed', certificate({ subjectPublicKeyInfo: compressed }), 'uncompressed'],
  ])('%s', (_name, der, reason) => {
    const error = pkiError(() => EndEntity.parse(der, 'the source'));
    expect(error).toMatchObject({ code: 'certificate-malformed', source: 'the source' });
    expect(error.message).toContain(reason);
  });

  test('the control is accepted', () => {
    expect(EndEntity.parse(certificate()).keyType).toBe('P-256');
    expect(EndEntity.parse(certificate()).spki).toEqual(p256Spki);
  });
});

describe('keys that docs/protocol.md 2 does not list are not supported', () => {
  const spki = (algorithm: readonly Buffer[], key: Buffer) =>
    sequence(sequence(...algorithm), bitString(0, ...key));
  test.each([
    ['Ed25519', spki([oid('2b6570')], Buffer.alloc(32, 1))],
    ['P-521', spki([oid('2a8648ce3d0201'), oid('2b81040023')], Buffer.alloc(133, 4))],
    ['secp256k1', spki([oid('2a8648ce3d0201'), oid('2b8104000a')], Buffer.alloc(65, 4))],
    [
      'an EC curve by its parameters',
      spki([oid('2a8648ce3d0201'), sequence(integer(1))], Buffer.alloc(65, 4)),
    ],
    [
      'RSA of 1024 bits',
      spki(
        [oid('2a864886f70d010101'), element(0x05)],
        sequence(integer(0, ...Buffer.alloc(128, 0xff)), integer(1, 0, 1)),
      ),
    ],
  ])('%s', (_name, subjectPublicKeyInfo) => {
    expect(pkiError(() => EndEntity.parse(certificate({ subjectPublicKeyInfo }))).code).toBe(
      'algorithm-not-supported',
    );
  });
});

describe('any octets give a value or a PkiError', () => {
  const valueOrPkiError = (octets: Buffer) => {
    try {
      expect(EndEntity.parse(octets)).toBeInstanceOf(EndEntity);
    } catch (error) {
      expect(error).toBeInstanceOf(PkiError);
    }
  };
  const samples = [
    ...Object.keys(vectors.keys).map(
      (keyName) => readPemCertificates(Buffer.from(vectorKey(keyName).certificate_chain_pem))[0]!,
    ),
    certificateWith(
      subjectAltName(dNSName('a.example'), uri('dhcp://b/')),
      extension(Oid.keyUsage, bitString(3, 0x88), [boolean(0xff)]),
      extension(Oid.extendedKeyUsage, sequence(Oid.serverAuth)),
    ),
  ];

  test('whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        valueOrPkiError(Buffer.from(octets));
      }),
    );
  });

  test('also where they were a certificate before some were changed, cut out or put in', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      removed: fc.integer({ min: 0, max: 3 }),
      inserted: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (sample, edits) => {
          let octets = sample;
          for (const { at, removed, inserted } of edits) {
            const start = Math.floor(at * octets.length);
            octets = Buffer.concat([octets.subarray(0, start), inserted, octets.subarray(start + removed)]);
          }
          valueOrPkiError(octets);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('also where one octet of a certificate is another', () => {
    const [sample] = samples.slice(-1);
    for (let at = 0; at < sample!.length; at += 1) {
      for (const bit of [0x01, 0x20, 0x80]) {
        const octets = Buffer.from(sample!);
        octets.writeUInt8(octets.readUInt8(at) ^ bit, at);
        valueOrPkiError(octets);
      }
    }
  });
});

/** What CAs of many kinds may issue: NIST PKITS. Only its DSA keys are none of ours. */
test('every certificate of NIST PKITS is read, or its key is DSA', () => {
  const directory = join(vectorsDirectory, 'pkits/certs');
  const files = readdirSync(directory);
  const notSupported = files.filter((file) => {
    const der = readFileSync(join(directory, file));
    if (!file.includes('DSA')) {
      expect(EndEntity.parse(der, file).spki.length).toBeGreaterThan(0);
      return false;
    }
    return pkiError(() => EndEntity.parse(der, file)).code === 'algorithm-not-supported';
  });
  expect(files.length).toBeGreaterThan(300);
  expect(notSupported).toHaveLength(5);
});
