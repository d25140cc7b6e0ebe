// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { RapidCommitOption, ReconfigureAcceptOption } from '../../../src/dhcpv6';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError } from '../support/errors';
import { octets } from '../support/octets';

describe.each([
  ['Rapid Commit, RFC 8415 section 21.14', 14, RapidCommitOption],
  ['Reconfigure Accept, RFC 8415 section 21.20', 20, ReconfigureAcceptOption],
])('%s', (_, code, codec) => {
  test('no data', () => {
    expect(codec.code).toBe(code);
    expectSame(codec, octets(''), true);
  });

  test('nothing but no data', () => {
    expectDecodeError(() => codec.decode(octets('00')), 'trailing-octets', 0);
  });

  test('properties', () => {
    checkCodec(codec, fc.constant<true>(true));
  });
});
