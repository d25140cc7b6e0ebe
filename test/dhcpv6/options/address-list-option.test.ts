// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { DnsServersOption, SntpServersOption, parseIpv6 } from '../../../src/dhcpv6';
import { address } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe.each([
  ['DNS Recursive Name Server, RFC 3646 section 3', 23, DnsServersOption],
  ['SNTP Servers, RFC 4075 section 4', 31, SntpServersOption],
])('%s', (_, code, codec) => {
  const data = octets(`
    20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53
    20 01 0d b8 00 00 00 00 00 00 00 00 00 01 00 53
  `);

  test('addresses in their order', () => {
    expect(codec.code).toBe(code);
    expectSame(codec, data, [parseIpv6('2001:db8::53'), parseIpv6('2001:db8::1:53')]);
    expectSame(codec, octets(''), []);
  });

  test('a length that is no multiple of 16', () => {
    expectDecodeError(() => codec.decode(data.subarray(0, 31)), 'truncated', 16);
    expectDecodeError(() => codec.decode(data.subarray(0, 1)), 'truncated', 0);
  });

  test('encoding names what it refuses', () => {
    const addresses = [Buffer.alloc(16), Buffer.alloc(4)];
    expectEncodeError(() => codec.encode(addresses), 'wrong-length', 'addresses[1]');
  });

  test('properties', () => {
    checkCodec(codec, fc.array(address, { maxLength: 4 }));
  });
});
