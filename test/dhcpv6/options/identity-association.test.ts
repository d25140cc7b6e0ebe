// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { INFINITY, IaNaOption, IaPdOption } from '../../../src/dhcpv6';
import { options, uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe.each([
  ['IA_NA, RFC 8415 section 21.4', 3, IaNaOption],
  ['IA_PD, RFC 8415 section 21.21', 25, IaPdOption],
])('%s', (_, code, codec) => {
  const data = octets(`
    4e 08 c1 ca        // IAID
    00 00 03 e8        // T1
    ff ff ff ff        // T2: infinity
    00 0d  00 02       // Status Code
      00 00            //   Success
    fd e8  00 01  07   // nobody's
  `);

  test('IAID, T1, T2 and options, unknown ones included', () => {
    expect(codec.code).toBe(code);
    expectSame(codec, data, {
      iaid: 0x4e08c1ca,
      t1: 1000,
      t2: INFINITY,
      options: [
        { code: 13, data: octets('00 00') },
        { code: 65000, data: octets('07') },
      ],
    });
    expectSame(codec, data.subarray(0, 12), { iaid: 0x4e08c1ca, t1: 1000, t2: INFINITY, options: [] });
  });

  test('cut in its fields or its options', () => {
    expectDecodeError(() => codec.decode(octets('')), 'truncated', 0);
    expectDecodeError(() => codec.decode(data.subarray(0, 7)), 'truncated', 4);
    expectDecodeError(() => codec.decode(data.subarray(0, 11)), 'truncated', 8);
    expectDecodeError(() => codec.decode(data.subarray(0, 22)), 'truncated', 18);
  });

  test('encoding names what it refuses', () => {
    const fine = { iaid: 1, t1: 0, t2: 0, options: [] };
    expectEncodeError(() => codec.encode({ ...fine, iaid: -1 }), 'out-of-range', 'iaid');
    expectEncodeError(() => codec.encode({ ...fine, t1: 2 ** 32 }), 'out-of-range', 't1');
    expectEncodeError(() => codec.encode({ ...fine, t2: 0.5 }), 'out-of-range', 't2');
    const options = [{ code: 65536, data }];
    expectEncodeError(() => codec.encode({ ...fine, options }), 'out-of-range', 'options[0].code');
  });

  test('properties', () => {
    checkCodec(codec, fc.record({ iaid: uint32, t1: uint32, t2: uint32, options }));
  });
});
