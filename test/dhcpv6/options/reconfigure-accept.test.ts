// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { ReconfigureAcceptOption } from '../../../src/dhcpv6';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Reconfigure Accept, RFC 8415 section 21.20', () => {
  test('no data', () => {
    expect(ReconfigureAcceptOption.code).toBe(20);
    expectSame(ReconfigureAcceptOption, octets(''), true);
  });

  test('nothing but no data', () => {
    expectDecodeError(() => ReconfigureAcceptOption.decode(octets('00')), 'trailing-octets', 0);
  });

  test('properties', () => {
    checkCodec(ReconfigureAcceptOption, fc.constant<true>(true));
  });
});
