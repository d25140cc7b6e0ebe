// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { OptionCode, OptionRequestOption } from '../../../src/dhcpv6';
import { uint16 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Option Request, RFC 8415 section 21.7', () => {
  test('codes in their order', () => {
    expect(OptionRequestOption.code).toBe(6);
    const data = octets(`
      00 17   // DNS Recursive Name Server
      00 52   // SOL_MAX_RT
      ff fe   // nobody's
    `);
    expectSame(OptionRequestOption, data, [OptionCode.DnsServers, OptionCode.SolMaxRt, 65534]);
    expectSame(OptionRequestOption, octets(''), []);
  });

  test('an odd octet', () => {
    expectDecodeError(() => OptionRequestOption.decode(octets('00 17 00')), 'truncated', 2);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => OptionRequestOption.encode([23, 65536]), 'out-of-range', 'codes[1]');
  });

  test('properties', () => {
    checkCodec(OptionRequestOption, fc.array(uint16));
  });
});
