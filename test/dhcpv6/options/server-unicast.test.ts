// SPDX-License-Identifier: MPL-2.0
import { parseIpv6, ServerUnicastOption } from '../../../src/dhcpv6';
import { address } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Server Unicast, RFC 8415 section 21.12', () => {
  const data = octets('20 01 0d b8 00 00 00 00 00 00 00 00 00 00 05 47');

  test('one address', () => {
    expect(ServerUnicastOption.code).toBe(12);
    expectSame(ServerUnicastOption, data, parseIpv6('2001:db8::547'));
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(() => ServerUnicastOption.decode(data.subarray(1)), 'truncated', 0);
    expectDecodeError(() => ServerUnicastOption.decode(Buffer.alloc(32)), 'trailing-octets', 16);
    expectEncodeError(() => ServerUnicastOption.encode(Buffer.alloc(15)), 'wrong-length', 'address');
  });

  test('properties', () => {
    checkCodec(ServerUnicastOption, address);
  });
});
