// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { decodeOptions, encodeOptions, findOption, singleOption } from '../../src/dhcpv6';
import { buffer, options } from './support/arbitraries';
import { expectDecodeError, expectEncodeError, valueOrDecodeError } from './support/errors';
import { isViewInto, octets } from './support/octets';

describe('options, RFC 8415 section 21.1', () => {
  const table = octets(`
    00 08  00 02  00 0a        // Elapsed Time, 2 octets
    ff fe  00 03  01 02 03     // nobody's, 3 octets
    00 0e  00 00               // Rapid Commit, none
    ff fe  00 01  04           // nobody's again
  `);
  const values = [
    { code: 8, data: octets('00 0a') },
    { code: 65534, data: octets('01 02 03') },
    { code: 14, data: octets('') },
    { code: 65534, data: octets('04') },
  ];

  test('are decoded in their order, unknown and repeated ones included', () => {
    expect(decodeOptions(table)).toEqual(values);
    expect(encodeOptions(values)).toEqual(table);
    expect(decodeOptions(Buffer.alloc(0))).toEqual([]);
  });

  test('are views, not copies', () => {
    for (const { data } of decodeOptions(table)) {
      expect(isViewInto(data, table)).toBe(true);
    }
  });

  test('begin where the caller says', () => {
    expect(decodeOptions(table, 6)).toEqual(values.slice(1));
    expect(decodeOptions(table, table.length)).toEqual([]);
    expectDecodeError(() => decodeOptions(table, table.length + 1), 'truncated', table.length);
  });

  test('of the greatest length', () => {
    const longest = [{ code: 1, data: Buffer.alloc(65535, 7) }];
    expect(decodeOptions(encodeOptions(longest))).toEqual(longest);
  });

  test.each([
    ['one octet', octets('00'), 0],
    ['three octets of a header', octets('00 08 00'), 0],
    ['a length beyond the end', octets('00 08 00 03 00 0a'), 0],
    ['a second option that is cut', octets('00 0e 00 00  00 08 00 02 00'), 4],
    ['an octet left over', octets('00 0e 00 00  00'), 4],
  ])('%s is truncated', (_, cut, offset) => {
    expectDecodeError(() => decodeOptions(cut), 'truncated', offset);
  });

  test('encoding names what it refuses', () => {
    const data = Buffer.alloc(0);
    const fine = { code: 1, data };
    expectEncodeError(() => encodeOptions([{ code: -1, data }]), 'out-of-range', 'options[0].code');
    expectEncodeError(() => encodeOptions([fine, { code: 65536, data }]), 'out-of-range', 'options[1].code');
    expectEncodeError(() => encodeOptions([{ code: 1.5, data }]), 'out-of-range', 'options[0].code');
    expectEncodeError(() => encodeOptions([{ code: NaN, data }]), 'out-of-range', 'options[0].code');
    expectEncodeError(
      () => encodeOptions([fine, { code: 1, data: Buffer.alloc(65536) }]),
      'too-long',
      'options[1].data',
    );
  });

  test('findOption gives the first, singleOption refuses a second', () => {
    expect(findOption(values, 65534)).toBe(values[1]);
    expect(findOption(values, 1)).toBeUndefined();
    expect(singleOption(values, 14)).toBe(values[2]);
    expect(singleOption(values, 1)).toBeUndefined();
    // 6 octets of option 8, 7 of the first 65534, 4 of option 14
    expectDecodeError(() => singleOption(values, 65534), 'repeated-option', 17);
  });

  test('property: any octets are options that encode to the same octets, or truncated', () => {
    fc.assert(
      fc.property(buffer(0, 200), (any) => {
        const result = valueOrDecodeError(() => decodeOptions(any));
        if ('error' in result) {
          expect(result.error.code).toBe('truncated');
          expect(result.error.offset).toBeLessThan(any.length);
        } else {
          expect(encodeOptions(result.value)).toEqual(any);
        }
      }),
    );
  });

  test('property: options survive encode and decode; a cut anywhere but between two is truncated', () => {
    fc.assert(
      fc.property(options, (any) => {
        const encoded = encodeOptions(any);
        expect(decodeOptions(encoded)).toEqual(any);
        const ends = new Set(any.map((_, index) => encodeOptions(any.slice(0, index)).length));
        for (let length = 0; length < encoded.length; length += 1) {
          const result = valueOrDecodeError(() => decodeOptions(encoded.subarray(0, length)));
          expect('value' in result).toBe(ends.has(length));
        }
      }),
    );
  });
});
