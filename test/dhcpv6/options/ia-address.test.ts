// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { IaAddressOption, INFINITY, parseIpv6 } from '../../../src/dhcpv6';
import { address, options, uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('IA Address, RFC 8415 section 21.6', () => {
  const data = octets(`
    20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 42  // IPv6-address
    00 00 0e 10                                      // preferred-lifetime
    ff ff ff ff                                      // valid-lifetime: infinity
    00 0d  00 04                                     // Status Code
      00 04 6e 6f                                    //   NotOnLink, "no"
  `);
  const value = {
    address: parseIpv6('2001:db8::42'),
    preferredLifetime: 3600,
    validLifetime: INFINITY,
    options: [{ code: 13, data: octets('00 04 6e 6f') }],
  };

  test('address, lifetimes and options', () => {
    expect(IaAddressOption.code).toBe(5);
    expectSame(IaAddressOption, data, value);
    expectSame(IaAddressOption, data.subarray(0, 24), { ...value, options: [] });
  });

  test.each([
    [0, 0],
    [15, 0],
    [19, 16],
    [23, 20],
    [25, 24],
    [31, 24],
  ])('cut after %i octets', (length, offset) => {
    expectDecodeError(() => IaAddressOption.decode(data.subarray(0, length)), 'truncated', offset);
  });

  test('encoding names what it refuses', () => {
    const refuses = (change: object) => () => IaAddressOption.encode({ ...value, ...change });
    expectEncodeError(refuses({ address: Buffer.alloc(4) }), 'wrong-length', 'address');
    expectEncodeError(refuses({ preferredLifetime: -1 }), 'out-of-range', 'preferredLifetime');
    expectEncodeError(refuses({ validLifetime: 2 ** 32 }), 'out-of-range', 'validLifetime');
  });

  test('properties', () => {
    checkCodec(
      IaAddressOption,
      fc.record({ address, preferredLifetime: uint32, validLifetime: uint32, options }),
    );
  });
});
