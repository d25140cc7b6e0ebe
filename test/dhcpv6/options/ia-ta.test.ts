// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { IaTaOption } from '../../../src/dhcpv6';
import { options, uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('IA_TA, RFC 8415 section 21.5', () => {
  const data = octets(`
    00 00 00 09        // IAID
    fd e8  00 01  07   // nobody's
  `);

  test('IAID and options, unknown ones included', () => {
    expect(IaTaOption.code).toBe(4);
    expectSame(IaTaOption, data, { iaid: 9, options: [{ code: 65000, data: octets('07') }] });
    expectSame(IaTaOption, data.subarray(0, 4), { iaid: 9, options: [] });
  });

  test('cut in its field or its options', () => {
    expectDecodeError(() => IaTaOption.decode(data.subarray(0, 3)), 'truncated', 0);
    expectDecodeError(() => IaTaOption.decode(data.subarray(0, 8)), 'truncated', 4);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => IaTaOption.encode({ iaid: 2 ** 32, options: [] }), 'out-of-range', 'iaid');
  });

  test('properties', () => {
    checkCodec(IaTaOption, fc.record({ iaid: uint32, options }));
  });
});
