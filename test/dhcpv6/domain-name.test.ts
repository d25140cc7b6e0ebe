// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { DomainListOption } from '../../src/dhcpv6';
import {
  encodeDomainName,
  encodePartialDomainName,
  readDomainName,
  readPartialDomainName,
} from '../../src/dhcpv6/domain-name';
import { OctetReader } from '../../src/dhcpv6/octet-reader';
import { buffer, labels } from './support/arbitraries';
import { expectDecodeError, expectEncodeError, valueOrDecodeError } from './support/errors';
import { octets } from './support/octets';

const read = (data: Buffer): string => readDomainName(new OctetReader(data, 'name'));
const readPartial = (data: Buffer): string => readPartialDomainName(new OctetReader(data, 'name'));

/** A label of this many octets on the wire. */
const label = (length: number): Buffer => Buffer.concat([Buffer.of(length), Buffer.alloc(length, 'a')]);

describe('domain names, RFC 1035 section 3.1 and RFC 8415 section 10', () => {
  test.each([
    ['.', '00'],
    ['org.', '03 6f 72 67 00'],
    ['Example.org.', '07 45 78 61 6d 70 6c 65 03 6f 72 67 00'],
    ['a\\.b.c.', '03 61 2e 62 01 63 00'],
    ['a\\\\b.', '03 61 5c 62 00'],
    ['\\000\\032\\127\\255.', '04 00 20 7f ff 00'],
    ['!-[]~.', '05 21 2d 5b 5d 7e 00'],
  ])('%s', (text, table) => {
    expect(read(octets(table))).toBe(text);
    expect(encodeDomainName(text)).toEqual(octets(table));
    expect(encodePartialDomainName(text)).toEqual(octets(table));
    expect(readPartial(octets(table))).toBe(text);
  });

  test('the final dot may be left out of a complete name', () => {
    expect(encodeDomainName('example.org')).toEqual(encodeDomainName('example.org.'));
  });

  test('without the final dot a name is partial, where it may be', () => {
    expect(encodePartialDomainName('host')).toEqual(octets('04 68 6f 73 74'));
    expect(readPartial(octets('04 68 6f 73 74'))).toBe('host');
    expect(encodePartialDomainName('')).toEqual(octets(''));
    expect(readPartial(octets(''))).toBe('');
    expectDecodeError(() => read(octets('04 68 6f 73 74')), 'truncated', 5);
    expectDecodeError(() => read(octets('')), 'truncated', 0);
  });

  test('escapes that are not needed are understood', () => {
    expect(encodeDomainName('\\097\\-\\[.')).toEqual(octets('03 61 2d 5b 00'));
  });

  test.each([
    ['a compression pointer', octets('01 61 c0 00'), 2],
    ['a label of reserved type 01', octets('41'), 0],
    ['a label of reserved type 10', octets('80'), 0],
    [
      'a name of 256 octets',
      Buffer.concat([label(63), label(63), label(63), label(62), Buffer.alloc(1)]),
      192,
    ],
  ])('%s is refused', (_, data, offset) => {
    expectDecodeError(() => read(data), 'invalid-domain-name', offset);
    expectDecodeError(() => readPartial(data), 'invalid-domain-name', offset);
  });

  test('a name of 255 octets, labels of 63 among them', () => {
    const longest = Buffer.concat([label(63), label(63), label(63), label(61), Buffer.alloc(1)]);
    expect(longest).toHaveLength(255);
    expect(encodeDomainName(read(longest))).toEqual(longest);
  });

  test('a label that is cut', () => {
    expectDecodeError(() => read(octets('03 6f 72')), 'truncated', 1);
    expectDecodeError(() => readPartial(octets('03 6f 72')), 'truncated', 1);
  });

  test.each([
    '..',
    '.org',
    'a..b',
    'a.b..',
    'a b',
    'b\u00fccher.example',
    'a\n',
    'a\\',
    'a\\1',
    'a\\12',
    '\\256',
    '\\\u00fc',
    '\\ ',
    'a'.repeat(64),
    `${'a'.repeat(63)}.${'a'.repeat(63)}.${'a'.repeat(63)}.${'a'.repeat(62)}`,
  ])('%p is refused', (text) => {
    expectEncodeError(() => encodeDomainName(text, 'search'), 'invalid-domain-name', 'search');
    expectEncodeError(() => encodePartialDomainName(text), 'invalid-domain-name', 'name');
  });

  test('an empty text is no complete name', () => {
    expectEncodeError(() => encodeDomainName(''), 'invalid-domain-name', 'name');
  });

  test('property: labels of any octets survive as text', () => {
    fc.assert(
      fc.property(labels, fc.boolean(), (any, complete) => {
        const wire = Buffer.concat(any.flatMap((octetsOf) => [Buffer.of(octetsOf.length), octetsOf]));
        const data = complete ? Buffer.concat([wire, Buffer.alloc(1)]) : wire;
        const text = readPartial(data);
        expect(text).toMatch(/^[!-~]*$/);
        expect(encodePartialDomainName(text)).toEqual(data);
        expect(encodeDomainName(text)).toEqual(Buffer.concat([wire, Buffer.alloc(1)]));
      }),
    );
  });

  test('property: any octets are a name or a DecodeError', () => {
    const likely = fc
      .array(fc.constantFrom(0, 1, 2, 3, 63, 64, 0xc0, 0x2e, 0x5c, 0x61), { maxLength: 80 })
      .map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(likely, buffer(0, 300)), (any) => {
        const partial = valueOrDecodeError(() => readPartial(any));
        if ('error' in partial) {
          expect(partial.error.offset).toBeLessThanOrEqual(any.length);
        }
        const list = valueOrDecodeError(() => DomainListOption.decode(any));
        if ('value' in list) {
          expect(DomainListOption.encode(list.value)).toEqual(any);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('property: any text encodes, or is refused by name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        let data: Buffer;
        try {
          data = encodePartialDomainName(text);
        } catch {
          expectEncodeError(() => encodePartialDomainName(text), 'invalid-domain-name', 'name');
          return;
        }
        expect(encodePartialDomainName(readPartial(data))).toEqual(data);
      }),
    );
  });
});
