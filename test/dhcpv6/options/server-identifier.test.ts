// SPDX-License-Identifier: MPL-2.0
import { ServerIdentifierOption } from '../../../src/dhcpv6';
import { buffer } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Server Identifier, RFC 8415 section 21.3', () => {
  test('the DUID is its octets', () => {
    const duid = octets(`
      00 03              // DUID-LL
      00 01              // Ethernet
      02 00 5e 10 00 01
    `);
    expect(ServerIdentifierOption.code).toBe(2);
    expectSame(ServerIdentifierOption, duid, duid);
  });

  test('a DUID that only its maker understands', () => {
    const odd = octets('00 03 00'); // too short for the DUID-LL that it says it is
    expectSame(ServerIdentifierOption, odd, odd);
  });

  test('RFC 8415 section 11.1: 1 to 128 octets after the type', () => {
    expectDecodeError(() => ServerIdentifierOption.decode(octets('00 03')), 'truncated', 2);
    expectDecodeError(() => ServerIdentifierOption.decode(Buffer.alloc(131)), 'trailing-octets', 130);
    expectEncodeError(() => ServerIdentifierOption.encode(octets('00 03')), 'wrong-length', 'duid');
    expectEncodeError(() => ServerIdentifierOption.encode(Buffer.alloc(131)), 'wrong-length', 'duid');
    expectSame(ServerIdentifierOption, Buffer.alloc(130), Buffer.alloc(130));
  });

  test('properties', () => {
    checkCodec(ServerIdentifierOption, buffer(3, 130));
  });
});
