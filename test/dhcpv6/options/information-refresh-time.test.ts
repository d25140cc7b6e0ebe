// SPDX-License-Identifier: MPL-2.0
import { InformationRefreshTimeOption } from '../../../src/dhcpv6';
import { uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Information Refresh Time, RFC 8415 section 21.23', () => {
  test('one integer', () => {
    expect(InformationRefreshTimeOption.code).toBe(32);
    expectSame(InformationRefreshTimeOption, octets('00 01 51 80'), 86400);
    expectSame(InformationRefreshTimeOption, octets('ff ff ff ff'), 0xffffffff);
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(
      () => InformationRefreshTimeOption.decode(octets('00 01 51 80').subarray(1)),
      'truncated',
      0,
    );
    expectDecodeError(
      () => InformationRefreshTimeOption.decode(octets('00 01 51 80 00')),
      'trailing-octets',
      4,
    );
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => InformationRefreshTimeOption.encode(-1), 'out-of-range', 'value');
    expectEncodeError(() => InformationRefreshTimeOption.encode(0xffffffff + 1), 'out-of-range', 'value');
    expectEncodeError(() => InformationRefreshTimeOption.encode(1.5), 'out-of-range', 'value');
  });

  test('properties', () => {
    checkCodec(InformationRefreshTimeOption, uint32);
  });
});
