// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { IaPrefixOption, parseIpv6 } from '../../../src/dhcpv6';
import { address, options, uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('IA Prefix, RFC 8415 section 21.22', () => {
  const data = octets(`
    00 00 0e 10                                      // preferred-lifetime
    00 00 1c 20                                      // valid-lifetime
    38                                               // prefix-length: 56
    20 01 0d b8 00 00 ab 00 00 00 00 00 00 00 00 00  // IPv6-prefix
    fd e8  00 00                                     // nobody's
  `);
  const value = {
    preferredLifetime: 3600,
    validLifetime: 7200,
    prefixLength: 56,
    prefix: parseIpv6('2001:db8:0:ab00::'),
    options: [{ code: 65000, data: octets('') }],
  };

  test('lifetimes, prefix and options', () => {
    expect(IaPrefixOption.code).toBe(26);
    expectSame(IaPrefixOption, data, value);
    expectSame(IaPrefixOption, data.subarray(0, 25), { ...value, options: [] });
  });

  test('bits beyond the prefix-length are kept as they are', () => {
    const prefix = parseIpv6('2001:db8:0:ab00::1');
    expect(IaPrefixOption.decode(IaPrefixOption.encode({ ...value, prefix })).prefix).toEqual(prefix);
  });

  test('a prefix-length is 0 to 128', () => {
    const withLength = (length: number): Buffer => {
      const copy = Buffer.from(data);
      copy.writeUInt8(length, 8);
      return copy;
    };
    expect(IaPrefixOption.decode(withLength(0)).prefixLength).toBe(0);
    expect(IaPrefixOption.decode(withLength(128)).prefixLength).toBe(128);
    expectDecodeError(() => IaPrefixOption.decode(withLength(129)), 'invalid-value', 8);
    expectEncodeError(
      () => IaPrefixOption.encode({ ...value, prefixLength: 129 }),
      'out-of-range',
      'prefixLength',
    );
  });

  test.each([
    [3, 0],
    [7, 4],
    [8, 8],
    [24, 9],
    [28, 25],
  ])('cut after %i octets', (length, offset) => {
    expectDecodeError(() => IaPrefixOption.decode(data.subarray(0, length)), 'truncated', offset);
  });

  test('encoding names what it refuses', () => {
    const refuses = (change: object) => () => IaPrefixOption.encode({ ...value, ...change });
    expectEncodeError(refuses({ preferredLifetime: NaN }), 'out-of-range', 'preferredLifetime');
    expectEncodeError(refuses({ validLifetime: -1 }), 'out-of-range', 'validLifetime');
    expectEncodeError(refuses({ prefix: Buffer.alloc(8) }), 'wrong-length', 'prefix');
  });

  test('properties', () => {
    const prefixLength = fc.integer({ min: 0, max: 128 });
    checkCodec(
      IaPrefixOption,
      fc.record({
        preferredLifetime: uint32,
        validLifetime: uint32,
        prefixLength,
        prefix: address,
        options,
      }),
    );
  });
});
