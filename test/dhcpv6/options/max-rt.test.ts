// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { isMaxRtInRange, InfMaxRtOption, SolMaxRtOption } from '../../../src/dhcpv6';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe.each([
  ['INF_MAX_RT, RFC 8415 section 21.25', 83, InfMaxRtOption],
  ['SOL_MAX_RT, RFC 8415 section 21.24', 82, SolMaxRtOption],
])('%s', (_, code, codec) => {
  test('seconds', () => {
    expect(codec.code).toBe(code);
    expectSame(codec, octets('00 00 00 3c'), 60);
    expectSame(codec, octets('00 01 51 80'), 86400);
  });

  test('a value out of its range is decoded, for the client to ignore, and not encoded', () => {
    const tooShort = codec.decode(octets('00 00 00 3b'));
    const tooLong = codec.decode(octets('00 01 51 81'));
    expect([tooShort, tooLong]).toEqual([59, 86401]);
    expect([tooShort, 60, 86400, tooLong].map(isMaxRtInRange)).toEqual([false, true, true, false]);
    expectEncodeError(() => codec.encode(59), 'out-of-range', 'value');
    expectEncodeError(() => codec.encode(86401), 'out-of-range', 'value');
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(() => codec.decode(octets('00 00 3c')), 'truncated', 0);
    expectDecodeError(() => codec.decode(octets('00 00 00 3c 00')), 'trailing-octets', 4);
  });

  test('properties', () => {
    checkCodec(codec, fc.integer({ min: 60, max: 86400 }), isMaxRtInRange);
  });
});
