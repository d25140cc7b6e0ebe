// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
/**
 * docs/protocol.md 2, strict DER: one rule for all that comes from outside.
 *
 * - ITU-T X.690 sections 8 to 11, RFC 5280 section 4.1.2.5: "what is no DER", "what is DER"
 * - the same answer in a certificate, a CRL, a public key, a private key, a request and a trust store: "by every way"
 * - any octets: "any octets at all"
 */

import fc from 'fast-check';
import { checkDer, DerError, DerReader, PathStore, verifyPath } from '../../src/bridge';
import { RecipientPublicKey } from '../../src/crypto';
import { encodePem, readCrls, readPemCertificates, readPrivateKey } from '../../src/pki';
import { parseCertificateRequest } from '../../src/pki/issue/certificate-request-file';
import { errorText } from '../../src/support';
import { certificate, p256Spki } from './support/certificate-parts';
import {
  bitString,
  boolean,
  element,
  explicit,
  integer,
  octetString,
  oid,
  Oid,
  sequence,
  set,
  utcTime,
  utf8String,
} from './support/der';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (tag: number, value: string) => element(tag, Buffer.from(value, 'latin1'));

function nested(levels: number): Buffer {
  let octets: Buffer = element(0x05);
  for (let level = 0; level < levels; level += 1) {
    octets = sequence(octets);
  }
  return octets;
}

type Oddity = readonly [name: string, octets: Buffer, offset: number, detail: string];

/** What is no DER wherever it stands, the octet that is at fault, and what is said of it. */
const oddities: readonly Oddity[] = [
  ['a length that overruns', hex('30 03 05 00'), 0, 'it ends inside a value'],
  ['an indefinite length', hex('30 80 00 00'), 0, 'an indefinite length'],
  ['a long form for a short length', hex('30 81 02 05 00'), 0, 'a length that is not minimal'],
  [
    'a leading zero in a length',
    hex(`30 82 00 80 04 7e ${'00'.repeat(126)}`),
    0,
    'a length that is not minimal',
  ],
  ['a length of five octets', hex('30 85 00 00 00 00 00'), 0, 'a length of more than four octets'],
  ['a tag of more than one octet', hex('3f 81 00 00'), 0, 'a tag of more than one octet'],
  ['a context tag of more than one octet', hex('9f 1f 00'), 0, 'a tag of more than one octet'],
  ['a boolean of 01', sequence(boolean(1)), 2, 'a BOOLEAN that is neither 00 nor FF'],
  ['a boolean of two octets', hex('01 02 ff ff'), 0, 'a BOOLEAN that is neither 00 nor FF'],
  ['a boolean that is false', boolean(0), 0, 'a BOOLEAN FALSE, the default, written out'],
  ['an integer without octets', integer(), 0, 'an INTEGER without octets'],
  ['a padded positive integer', integer(0x00, 0x7f), 0, 'an INTEGER that is not minimal'],
  ['a padded negative integer', integer(0xff, 0x80), 0, 'an INTEGER that is not minimal'],
  ['a padded enumerated value', hex('0a 02 00 01'), 0, 'an INTEGER that is not minimal'],
  ['a bit string without octets', element(0x03), 0, 'a BIT STRING with a wrong number of unused bits'],
  ['eight unused bits', bitString(8, 0), 0, 'a BIT STRING with a wrong number of unused bits'],
  ['unused bits without any bits', bitString(1), 0, 'a BIT STRING with a wrong number of unused bits'],
  ['unused bits that are set', bitString(1, 1), 0, 'a BIT STRING whose unused bits are not zero'],
  ['NULL with contents', hex('05 01 00'), 0, 'NULL with contents'],
  ['an object identifier without octets', oid(''), 0, 'an OBJECT IDENTIFIER that ends early'],
  ['an object identifier that ends inside an arc', oid('5581'), 0, 'an OBJECT IDENTIFIER that ends early'],
  ['a padded arc', oid('558001'), 0, 'an OBJECT IDENTIFIER that is not minimal'],
  ['text that is no UTF-8', hex('0c 01 c3'), 0, 'text that is not UTF-8'],
  ['UTF-8 in an overlong form', hex('0c 02 c0 80'), 0, 'text that is not UTF-8'],
  ['UTF-8 of a surrogate', hex('0c 03 ed a0 80'), 0, 'text that is not UTF-8'],
  ...['a_b', '*.example', 'a@example', 'a&b', 'a\0b', '\xfc'].map(
    (value) =>
      [
        `a PrintableString ${JSON.stringify(value)}`,
        text(0x13, value),
        0,
        'a PrintableString with a character that has no place in one',
      ] as const,
  ),
  [
    'a NumericString with a letter',
    text(0x12, '1a'),
    0,
    'a NumericString of other characters than digits and spaces',
  ],
  ['an IA5String beyond ASCII', text(0x16, '\xfc'), 0, 'text that is not ASCII'],
  ['a VisibleString with a line feed', text(0x1a, 'a\n'), 0, 'text that is not visible ASCII'],
  ['a UniversalString cut short', text(0x1c, 'abc'), 0, 'text that is not UCS-4'],
  ['a BMPString cut short', text(0x1e, 'abc'), 0, 'text that is not UCS-2'],
  ['UTCTime without seconds', utcTime('2501010000Z'), 0, 'a time not in the form YYMMDDHHMMSSZ'],
  ['UTCTime with an offset', utcTime('250101000000+0100'), 0, 'a time not in the form YYMMDDHHMMSSZ'],
  [
    'GeneralizedTime with a fraction',
    text(0x18, '20550101000000.5Z'),
    0,
    'a time not in the form YYYYMMDDHHMMSSZ',
  ],
  ['a set that is not sorted', set(integer(2), integer(1)), 5, 'a SET that is not sorted'],
  ['a string in pieces', hex('24 04 04 02 00 00'), 0, 'a constructed value that is neither SEQUENCE nor SET'],
  ['a primitive sequence', hex('10 00'), 0, 'a type that has no place in X.509'],
  ['an end-of-contents', hex('00 00'), 0, 'a type that has no place in X.509'],
  ['a REAL', hex('09 00'), 0, 'a type that has no place in X.509'],
  ['nesting without an end', nested(33), 64, 'nested more than 32 levels deep'],
];

const regular: readonly (readonly [name: string, octets: Buffer])[] = [
  ['an empty sequence', sequence()],
  ['nested sequences', nested(2)],
  ['a length in the long form', octetString(Buffer.alloc(128))],
  ['true', boolean(0xff)],
  ['zero', integer(0)],
  ['a positive integer with its sign octet', integer(0x00, 0x80)],
  ['a negative integer', integer(0x80)],
  ['an empty bit string', bitString(0)],
  ['a bit string with unused bits', bitString(7, 0x80)],
  ['NULL', element(0x05)],
  ['an object identifier with a long arc', oid('2a8648')],
  ['UTF-8', utf8String('ü')],
  ['a PrintableString of all its kinds of characters', text(0x13, "Az09 '()+,-./:=?")],
  ['a NumericString', text(0x12, '0 9')],
  ['a TeletexString of any octets', text(0x14, '\xff')],
  ['an IA5String', text(0x16, 'a_b@*')],
  ['a VisibleString', text(0x1a, ' ~')],
  ['a UniversalString', text(0x1c, '\0\0\0a')],
  ['a BMPString', text(0x1e, '\0a')],
  ['UTCTime', utcTime('250101000000Z')],
  ['GeneralizedTime', text(0x18, '20550101000000Z')],
  ['a sorted set', set(integer(1), integer(2))],
  ['a set with a value twice', set(integer(1), integer(1))],
  ['an implicitly tagged value of any contents', element(0x82, hex('80 ff'))],
];

function refusalOf(octets: Buffer): DerError | undefined {
  try {
    checkDer(octets);
    return undefined;
  } catch (error) {
    if (error instanceof DerError) {
      return error;
    }
    throw error;
  }
}

describe('what is no DER', () => {
  test.each<Oddity>([
    ['nothing', hex(''), 0, 'it ends inside a value'],
    ['a tag alone', hex('30'), 0, 'it ends inside a value'],
    ['a cut long length', hex('30 82 01'), 0, 'it ends inside a value'],
    ['a trailing octet', hex('30 00 00'), 2, '1 octets after the end'],
    ['nesting deeper than any stack', nested(5000), 128, 'nested more than 32 levels deep'],
    ...oddities,
  ])('%s is refused, with its place', (_name, octets, offset, detail) => {
    expect(refusalOf(octets)).toMatchObject({ offset, message: `${detail} (at octet ${offset})` });
  });

  test('an element cut short anywhere is refused', () => {
    const whole = sequence(sequence(utf8String('cut')), element(0x04, Buffer.alloc(200)));
    for (let length = 0; length < whole.length; length += 1) {
      expect(refusalOf(whole.subarray(0, length))).toBeDefined();
    }
  });
});

describe('what is DER', () => {
  test.each([...regular, ['nesting as deep as may be', nested(32)]] as const)('%s', (_name, octets) => {
    expect(refusalOf(octets)).toBeUndefined();
  });
});

test.each([
  ['551d2500', '2.5.29.37.0'],
  ['2a8648ce3d0301', '1.2.840.10045.3.1'],
  ['883703', '2.999.3'],
  ['2b06010505070301', '1.3.6.1.5.5.7.3.1'],
])('the object identifier %s is %s', (contents, dotted) => {
  expect(DerReader.wrap(oid(contents)).objectIdentifier('type')).toBe(dotted);
});

/** A way by which octets come in: what it reads, with any value somewhere inside, and how it is read. */
interface Way {
  readonly make: (value: Buffer) => Buffer;
  readonly read: (octets: Buffer) => unknown;
}

const nameWith = (value: Buffer) => sequence(set(sequence(Oid.commonName, value)));
const ecdsa = sequence(Oid.ecdsaWithSha256);
const signature = bitString(0, 1, 2, 3);
const ecPublicKey = oid('2a8648ce3d0201');
const p256 = oid('2a8648ce3d030107');

const certificateAround = (value: Buffer) => certificate({ subject: nameWith(value) });
const crlAround = (value: Buffer) =>
  sequence(
    sequence(integer(1), ecdsa, nameWith(value), utcTime('250101000000Z'), utcTime('450101000000Z')),
    ecdsa,
    signature,
  );
const storeOf = (material: Partial<ConstructorParameters<typeof PathStore>[0]>) =>
  new PathStore({ anchors: [], ...material });

function verifyChain(octets: Buffer): void {
  const result = verifyPath({ chain: [octets], purpose: 'client', time: 0 }, storeOf({}));
  if (!result.accepted) {
    throw new Error(`${result.code}: ${result.message}`);
  }
}

const ways: Readonly<Record<string, Way>> = {
  'a certificate': { make: certificateAround, read: (octets) => readPemCertificates(octets) },
  'a certificate in PEM': {
    make: certificateAround,
    read: (octets) => readPemCertificates(Buffer.from(encodePem('CERTIFICATE', octets))),
  },
  "a peer's certificate": { make: certificateAround, read: verifyChain },
  'a trust anchor': { make: certificateAround, read: (octets) => storeOf({ anchors: [octets] }) },
  'an intermediate': { make: certificateAround, read: (octets) => storeOf({ intermediates: [octets] }) },
  'a CRL': { make: crlAround, read: (octets) => readCrls(octets) },
  "a trust store's CRL": { make: crlAround, read: (octets) => storeOf({ crls: [octets] }) },
  'a CRL that is no longer there': { make: crlAround, read: (octets) => storeOf({ lapsedCrls: [octets] }) },
  'a public key': {
    make: (value) => sequence(sequence(ecPublicKey, value), bitString(0, ...p256Spki.subarray(-65))),
    read: (octets) => RecipientPublicKey.fromSpki(octets),
  },
  'a private key': {
    make: (value) => sequence(integer(0), sequence(ecPublicKey, p256), octetString(sequence()), value),
    read: (octets) => readPrivateKey(Buffer.from(encodePem('PRIVATE KEY', octets))),
  },
  'a request': {
    make: (value) => sequence(sequence(integer(0), nameWith(value), p256Spki, explicit(0)), ecdsa, signature),
    read: (octets) => parseCertificateRequest(octets, 'request'),
  },
};

/** What the way says against the octets; '' where it takes them. */
async function objection(way: Way, octets: Buffer): Promise<string> {
  try {
    await way.read(Buffer.from(octets));
    return '';
  } catch (error) {
    expect(error).not.toBeInstanceOf(DerError);
    return errorText(error);
  }
}

describe.each(Object.entries(ways))('by every way: %s', (_way, way) => {
  test('what is no DER is refused, with its place', async () => {
    for (const [, value, , detail] of oddities) {
      const octets = way.make(value);
      const { message = '' } = refusalOf(octets) ?? {};
      expect(message).toContain(detail);
      expect(await objection(way, octets)).toContain(message);
    }
  });

  test('a trailing octet is refused, with its place', async () => {
    const octets = way.make(p256);
    expect(await objection(way, Buffer.concat([octets, Buffer.of(0)]))).toContain(
      `1 octets after the end (at octet ${octets.length})`,
    );
  });

  test('what is DER is not refused for its encoding', async () => {
    for (const [, value] of regular) {
      const octets = way.make(value);
      expect(refusalOf(octets)).toBeUndefined();
      const message = await objection(way, octets);
      expect(oddities.filter(([, , , detail]) => message.includes(detail))).toEqual([]);
    }
  });
});

describe('any octets at all', () => {
  const anything = fc.uint8Array({ maxLength: 24 }).map((octets) => Buffer.from(octets));
  const typed = fc
    .tuple(fc.integer({ min: 0, max: 0xff }), anything)
    .map(([tag, contents]) => element(tag, contents));
  const value = fc.oneof(anything, typed, fc.constantFrom(...oddities.map(([, octets]) => octets)));

  test('are DER, or refused with a place inside them', () => {
    fc.assert(
      fc.property(value, (octets) => {
        const offset = refusalOf(octets)?.offset ?? 0;
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(octets.length);
      }),
    );
  });

  test('are refused by every way for the one same reason, or by none for their encoding', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (octets) => {
        for (const way of Object.values(ways)) {
          const whole = way.make(octets);
          const refusal = refusalOf(whole);
          expect(await objection(way, whole)).toContain(refusal?.message ?? '');
        }
      }),
      { numRuns: 200 },
    );
  });
});
