// SPDX-License-Identifier: MPL-2.0
import { PreferenceOption } from '../../../src/dhcpv6';
import { uint8 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Preference, RFC 8415 section 21.8', () => {
  test('one integer', () => {
    expect(PreferenceOption.code).toBe(7);
    expectSame(PreferenceOption, octets('07'), 7);
    expectSame(PreferenceOption, octets('ff'), 0xff);
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(() => PreferenceOption.decode(octets('07').subarray(1)), 'truncated', 0);
    expectDecodeError(() => PreferenceOption.decode(octets('07 00')), 'trailing-octets', 1);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => PreferenceOption.encode(-1), 'out-of-range', 'value');
    expectEncodeError(() => PreferenceOption.encode(0xff + 1), 'out-of-range', 'value');
    expectEncodeError(() => PreferenceOption.encode(1.5), 'out-of-range', 'value');
  });

  test('properties', () => {
    checkCodec(PreferenceOption, uint8);
  });
});
