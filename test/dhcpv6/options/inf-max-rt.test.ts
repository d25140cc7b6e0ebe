// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { isMaxRtInRange, InfMaxRtOption } from '../../../src/dhcpv6';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('INF_MAX_RT, RFC 8415 section 21.25', () => {
  test('seconds', () => {
    expect(InfMaxRtOption.code).toBe(83);
    expectSame(InfMaxRtOption, octets('00 00 00 3c'), 60);
    expectSame(InfMaxRtOption, octets('00 01 51 80'), 86400);
  });

  test('a value out of its range is decoded, for the client to ignore, and not encoded', () => {
    const tooShort = InfMaxRtOption.decode(octets('00 00 00 3b'));
    const tooLong = InfMaxRtOption.decode(octets('00 01 51 81'));
    expect([tooShort, tooLong]).toEqual([59, 86401]);
    expect([tooShort, 60, 86400, tooLong].map(isMaxRtInRange)).toEqual([false, true, true, false]);
    expectEncodeError(() => InfMaxRtOption.encode(59), 'out-of-range', 'value');
    expectEncodeError(() => InfMaxRtOption.encode(86401), 'out-of-range', 'value');
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(() => InfMaxRtOption.decode(octets('00 00 3c')), 'truncated', 0);
    expectDecodeError(() => InfMaxRtOption.decode(octets('00 00 00 3c 00')), 'trailing-octets', 4);
  });

  test('properties', () => {
    checkCodec(InfMaxRtOption, fc.integer({ min: 60, max: 86400 }), isMaxRtInRange);
  });
});
