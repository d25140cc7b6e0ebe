// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { RapidCommitOption } from '../../../src/dhcpv6';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Rapid Commit, RFC 8415 section 21.14', () => {
  test('no data', () => {
    expect(RapidCommitOption.code).toBe(14);
    expectSame(RapidCommitOption, octets(''), true);
  });

  test('nothing but no data', () => {
    expectDecodeError(() => RapidCommitOption.decode(octets('00')), 'trailing-octets', 0);
  });

  test('properties', () => {
    checkCodec(RapidCommitOption, fc.constant<true>(true));
  });
});
