// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { makeOption, UserClassOption } from '../../../src/dhcpv6';
import { buffer } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('User Class, RFC 8415 section 21.15', () => {
  test('classes, each with its length', () => {
    expect(UserClassOption.code).toBe(15);
    const data = octets(`
      00 03  6c 61 62   // "lab"
      00 00             // an empty one
      00 01  ff
    `);
    expectSame(UserClassOption, data, [octets('6c 61 62'), octets(''), octets('ff')]);
  });

  test('one or more', () => {
    expectDecodeError(() => UserClassOption.decode(octets('')), 'truncated', 0);
    expectEncodeError(() => UserClassOption.encode([]), 'wrong-length', 'classes');
  });

  test('cut in a length or in a class', () => {
    expectDecodeError(() => UserClassOption.decode(octets('00 01 6c 00')), 'truncated', 3);
    expectDecodeError(() => UserClassOption.decode(octets('00 01 6c 00 02 6c')), 'truncated', 5);
  });

  test('a class, or all of them, that no length can count', () => {
    const classes = [Buffer.alloc(1), Buffer.alloc(65536)];
    expectEncodeError(() => UserClassOption.encode(classes), 'too-long', 'classes[1]');
    const together = [Buffer.alloc(40000), Buffer.alloc(40000)];
    expectEncodeError(() => makeOption(UserClassOption, together), 'too-long', 'value');
  });

  test('properties', () => {
    checkCodec(UserClassOption, fc.array(buffer(0, 20), { minLength: 1, maxLength: 5 }));
  });
});
