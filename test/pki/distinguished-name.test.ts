// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { checkDer } from '../../src/bridge';
import { readDistinguishedName } from '../../src/pki/distinguished-name';
import { Name } from '../../src/pki/x509';
import { element, oid, sequence, set, utf8String } from './support/der';

/**
 * How a Name is read as text: nearly all names without the library that issues certificates, and each of them as that
 * library reads it.
 */

const commonName = '550403';
/** Those with a short name, and some without: serialNumber, organizationIdentifier, UID, one of a private enterprise. */
const types = [
  ...[commonName, '550404', '550406', '550407', '550408', '55040a', '55040b', '55040c', '55042a', '55042b'],
  ...[
    '0992268993f22c640119',
    '2a864886f70d010901',
    '550405',
    '550461',
    '0992268993f22c640101',
    '2b0601040182375902',
  ],
];
/** UTF8String, PrintableString, TeletexString, IA5String, UniversalString, BMPString, and what is no string. */
const tags = [0x0c, 0x13, 0x14, 0x16, 0x1c, 0x1e, 0x02, 0x04];

interface Attribute {
  readonly type: string;
  readonly tag: number;
  readonly value: Uint8Array;
}

/** DER sorts the elements of a set (ITU-T X.690 section 11.6). */
function nameOf(parts: readonly (readonly Attribute[])[]): Buffer {
  const attribute = ({ type, tag, value }: Attribute) =>
    sequence(oid(type), element(tag, Buffer.from(value)));
  return sequence(
    ...parts.map((part) => set(...part.map(attribute).sort((first, second) => first.compare(second)))),
  );
}

/** Others are refused before a name is read: text that is not what its type says, too. */
function isDer(octets: Buffer): boolean {
  try {
    checkDer(octets);
    return true;
  } catch {
    return false;
  }
}

/** With control characters and the like as RFC 4514 section 2.4 escapes octets. */
function byLibrary(der: Buffer) {
  try {
    const name = new Name(der);
    return { text: name.toString(), commonName: name.getField('CN').at(-1) };
  } catch {
    return { text: `#${der.toString('hex')}`, commonName: undefined };
  }
}

const characters = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from(' #,+"\\<>;=a\ufffdé€😀')), maxLength: 12 }),
);
const values = fc.oneof(
  { weight: 4, arbitrary: characters.map((text) => Uint8Array.from(Buffer.from(text))) },
  fc.uint8Array({ maxLength: 12 }),
);

function names(anyType: fc.Arbitrary<string>, anyTag: fc.Arbitrary<number>): fc.Arbitrary<Buffer> {
  const attribute = fc.record({ type: anyType, tag: anyTag, value: values });
  return fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { maxLength: 4 }).map(nameOf);
}

const isUnprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

test.each([
  [
    'of types and values that certificates have',
    fc.constantFrom(...types.slice(0, 12)),
    fc.constantFrom(0x0c, 0x13, 0x16),
  ],
  ['of any types and values', fc.constantFrom(...types), fc.constantFrom(...tags)],
])('names %s are read as the library reads them', (_what, anyType, anyTag) => {
  fc.assert(
    fc.property(names(anyType, anyTag), (der) => {
      fc.pre(isDer(der));
      const expected = byLibrary(der);
      const { text, commonName } = readDistinguishedName(der);
      expect(commonName).toBe(expected.commonName);
      if (!isUnprintable.test(expected.text)) {
        expect(text).toBe(expected.text);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['a name', [[['55040a', 'Example, Inc.']], [[commonName, 'host']]], 'O=Example\\, Inc., CN=host', 'host'],
  [
    'a part with two attributes',
    [
      [
        [commonName, 'a'],
        ['55040b', 'b'],
      ],
    ],
    'CN=a+OU=b',
    'a',
  ],
  ['two common names', [[[commonName, 'a']], [[commonName, 'b']]], 'CN=a, CN=b', 'b'],
  ['an empty name', [], '', undefined],
  ['an empty value', [[[commonName, '']]], 'CN=', ''],
  [
    'characters that separate',
    [[[commonName, ' a+b"c\\d<e>f; ']]],
    'CN=\\ a\\+b\\"c\\\\d\\<e\\>f\\;\\ ',
    ' a+b"c\\d<e>f; ',
  ],
  ['a number sign in front', [[[commonName, '#1']]], 'CN=\\#1', '#1'],
  [
    'characters that confuse a terminal',
    [[[commonName, 'a\n\u202eb\r\n']]],
    'CN=a\\0A\\E2\\80\\AEb\\0D\\0A',
    'a\n\u202eb\r\n',
  ],
  ['a type without a short name', [[['550405', '7']]], '2.5.4.5=7', undefined],
] as const)('%s', (_what, parts, text, wanted) => {
  const der = sequence(
    ...parts.map((part) => set(...part.map(([type, value]) => sequence(oid(type), utf8String(value))))),
  );
  expect(readDistinguishedName(der)).toEqual({ text, commonName: wanted });
});
