// SPDX-License-Identifier: MPL-2.0
import { ClientIdentifierOption, ServerIdentifierOption } from '../../../src/dhcpv6';
import { buffer } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe.each([
  ['Client Identifier, RFC 8415 section 21.2', 1, ClientIdentifierOption],
  ['Server Identifier, RFC 8415 section 21.3', 2, ServerIdentifierOption],
])('%s', (_, code, codec) => {
  test('the DUID is its octets', () => {
    const duid = octets(`
      00 03              // DUID-LL
      00 01              // Ethernet
      02 00 5e 10 00 01
    `);
    expect(codec.code).toBe(code);
    expectSame(codec, duid, duid);
  });

  test('a DUID that only its maker understands', () => {
    const odd = octets('00 03 00'); // too short for the DUID-LL that it says it is
    expectSame(codec, odd, odd);
  });

  test('RFC 8415 section 11.1: 1 to 128 octets after the type', () => {
    expectDecodeError(() => codec.decode(octets('00 03')), 'truncated', 2);
    expectDecodeError(() => codec.decode(Buffer.alloc(131)), 'trailing-octets', 130);
    expectEncodeError(() => codec.encode(octets('00 03')), 'wrong-length', 'duid');
    expectEncodeError(() => codec.encode(Buffer.alloc(131)), 'wrong-length', 'duid');
    expectSame(codec, Buffer.alloc(130), Buffer.alloc(130));
  });

  test('properties', () => {
    checkCodec(codec, buffer(3, 130));
  });
});
