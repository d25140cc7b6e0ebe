// SPDX-License-Identifier: MPL-2.0
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { formatIpv6, parseIpv6 } from '../../src/dhcpv6';
import { address, buffer } from './support/arbitraries';
import { expectEncodeError } from './support/errors';
import { octets } from './support/octets';

describe('RFC 4291 section 2.2: text to octets', () => {
  test.each([
    // Form 1
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcd ef01 2345 6789 abcd ef01 2345 6789'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001 0db8 0000 0000 0008 0800 200c 417a'],
    ['2001:0db8:0000:0000:0008:0800:200c:417a', '2001 0db8 0000 0000 0008 0800 200c 417a'],
    // Form 2
    ['2001:DB8::8:800:200C:417A', '2001 0db8 0000 0000 0008 0800 200c 417a'],
    ['FF01::101', 'ff01 0000 0000 0000 0000 0000 0000 0101'],
    ['::1', '0000 0000 0000 0000 0000 0000 0000 0001'],
    ['::', '0000 0000 0000 0000 0000 0000 0000 0000'],
    ['1::', '0001 0000 0000 0000 0000 0000 0000 0000'],
    ['1:2:3:4:5:6:7::', '0001 0002 0003 0004 0005 0006 0007 0000'],
    ['::2:3:4:5:6:7:8', '0000 0002 0003 0004 0005 0006 0007 0008'],
    // Form 3
    ['0:0:0:0:0:0:13.1.68.3', '0000 0000 0000 0000 0000 0000 0d01 4403'],
    ['::FFFF:129.144.52.38', '0000 0000 0000 0000 0000 ffff 8190 3426'],
    ['64:ff9b::192.0.2.33', '0064 ff9b 0000 0000 0000 0000 c000 0221'],
    ['::255.255.255.255', '0000 0000 0000 0000 0000 0000 ffff ffff'],
    ['1:2:3:4:5::6.7.8.9', '0001 0002 0003 0004 0005 0000 0607 0809'],
  ])('%s', (text, expected) => {
    expect(parseIpv6(text)).toEqual(octets(expected));
  });

  test.each([
    '',
    ':',
    ':::',
    '::::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8', // "::" for no group at all
    '1::2::3',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:',
    '1:2:3:4:5:6:7:',
    ':1::',
    '::1:',
    '12345::',
    'g::',
    '-1::',
    '0x1::',
    ' ::1',
    '::1 ',
    '::1\n',
    '１::',
    'fe80::1%eth0',
    '2001:db8::/32',
    '[::1]',
    '1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3',
    '::1.2.3.4.5',
    '::1.2.3.256',
    '::01.2.3.4',
    '::1.2.3.',
    '::1.2.3.4e0',
    '::0x1.2.3.4',
  ])('%p is refused', (text) => {
    expectEncodeError(() => parseIpv6(text), 'invalid-address', 'address');
  });
});

describe('RFC 5952: octets to text', () => {
  test.each([
    // section 4.1: no leading zeros; section 4.3: lower case
    ['2001 0db8 0aaa 0bbb 0ccc 0ddd 0eee 0001', '2001:db8:aaa:bbb:ccc:ddd:eee:1'],
    // section 4.2.1: as short as possible
    ['2001 0db8 0000 0000 0000 0000 0002 0001', '2001:db8::2:1'],
    // section 4.2.2: not for one group
    ['2001 0db8 0000 0001 0001 0001 0001 0001', '2001:db8:0:1:1:1:1:1'],
    // section 4.2.3: the longest run, the first of equals
    ['2001 0000 0000 0001 0000 0000 0000 0001', '2001:0:0:1::1'],
    ['2001 0db8 0000 0000 0001 0000 0000 0001', '2001:db8::1:0:0:1'],
    ['0000 0000 0000 0000 0000 0000 0000 0000', '::'],
    ['0000 0000 0000 0000 0000 0000 0000 0001', '::1'],
    ['fe80 0000 0000 0000 0000 0000 0000 0000', 'fe80::'],
    ['0000 0001 0002 0003 0004 0005 0006 0007', '0:1:2:3:4:5:6:7'],
    // section 5: the IPv4-mapped prefix
    ['0000 0000 0000 0000 0000 ffff c000 0201', '::ffff:192.0.2.1'],
    ['0000 0000 0000 0000 0001 ffff c000 0201', '::1:ffff:c000:201'],
  ])('%s', (table, expected) => {
    expect(formatIpv6(octets(table))).toBe(expected);
  });

  test('only 16 octets are an address', () => {
    expectEncodeError(() => formatIpv6(Buffer.alloc(15)), 'wrong-length', 'address');
    expectEncodeError(() => formatIpv6(Buffer.alloc(17)), 'wrong-length', 'address');
  });
});

describe('properties', () => {
  // Many zero groups, so that "::" comes up.
  const sparse = fc
    .array(fc.constantFrom(0, 0, 0, 1, 0xff, 0xffff), { minLength: 8, maxLength: 8 })
    .map((groups) => Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff])));

  test('octets survive text, and the text is as short as any', () => {
    fc.assert(
      fc.property(fc.oneof(address, sparse), (any) => {
        const text = formatIpv6(any);
        expect(isIPv6(text)).toBe(true);
        expect(parseIpv6(text)).toEqual(any);
        expect(text).toBe(text.toLowerCase());
      }),
    );
  });

  test('what Node.js takes for an IPv6 address, and nothing else, is one (zones apart)', () => {
    const character = fc.constantFrom('0', '1', 'a', 'F', ':', ':', '::', '.', '1.2.3.4', '255', 'g');
    const almost = fc.array(character, { maxLength: 16 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(almost, fc.ipV6(), fc.string()), (text) => {
        fc.pre(!text.includes('%'));
        if (isIPv6(text)) {
          expect(parseIpv6(formatIpv6(parseIpv6(text)))).toEqual(parseIpv6(text));
        } else {
          expectEncodeError(() => parseIpv6(text), 'invalid-address', 'address');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('octets of any other number are no address', () => {
    fc.assert(
      fc.property(buffer(0, 40), (any) => {
        fc.pre(any.length !== 16);
        expectEncodeError(() => formatIpv6(any), 'wrong-length', 'address');
      }),
    );
  });
});
