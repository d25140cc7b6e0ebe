// SPDX-License-Identifier: MPL-2.0
import { ElapsedTimeOption } from '../../../src/dhcpv6';
import { uint16 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Elapsed Time, RFC 8415 section 21.9', () => {
  test('one integer', () => {
    expect(ElapsedTimeOption.code).toBe(8);
    expectSame(ElapsedTimeOption, octets('01 02'), 258);
    expectSame(ElapsedTimeOption, octets('ff ff'), 0xffff);
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(() => ElapsedTimeOption.decode(octets('01 02').subarray(1)), 'truncated', 0);
    expectDecodeError(() => ElapsedTimeOption.decode(octets('01 02 00')), 'trailing-octets', 2);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => ElapsedTimeOption.encode(-1), 'out-of-range', 'value');
    expectEncodeError(() => ElapsedTimeOption.encode(0xffff + 1), 'out-of-range', 'value');
    expectEncodeError(() => ElapsedTimeOption.encode(1.5), 'out-of-range', 'value');
  });

  test('properties', () => {
    checkCodec(ElapsedTimeOption, uint16);
  });
});
