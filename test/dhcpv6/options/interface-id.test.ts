// SPDX-License-Identifier: MPL-2.0
import { InterfaceIdOption } from '../../../src/dhcpv6';
import { buffer } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { octets } from '../support/octets';

describe('Interface-Id, RFC 8415 section 21.18', () => {
  test('any octets', () => {
    expect(InterfaceIdOption.code).toBe(18);
    expectSame(InterfaceIdOption, octets('65 74 68 30 00 ff'), octets('65 74 68 30 00 ff'));
    expectSame(InterfaceIdOption, octets(''), octets(''));
  });

  test('properties', () => {
    checkCodec(InterfaceIdOption, buffer(0, 60));
  });
});
