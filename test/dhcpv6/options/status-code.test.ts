// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { StatusCode, StatusCodeOption } from '../../../src/dhcpv6';
import { uint16 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Status Code, RFC 8415 section 21.13', () => {
  test('code and text in UTF-8', () => {
    expect(StatusCodeOption.code).toBe(13);
    const data = octets(`
      00 02                 // NoAddrsAvail
      6b 65 69 6e 65 20     // "keine "
      c3 bc 62 72 69 67     // "übrig"
    `);
    expectSame(StatusCodeOption, data, { code: StatusCode.NoAddrsAvail, message: 'keine übrig' });
    expectSame(StatusCodeOption, octets('02 c2'), { code: 706, message: '' });
    expectSame(StatusCodeOption, octets('00 00 ef bb bf f0 9f 99 82'), { code: 0, message: '\ufeff🙂' });
  });

  test('a code that is cut', () => {
    expectDecodeError(() => StatusCodeOption.decode(octets('00')), 'truncated', 0);
  });

  test.each([
    ['an octet of Latin-1', '00 00 66 fc 72'],
    ['a sequence that is cut', '00 00 e2 82'],
    ['a sequence that is too long for its character', '00 00 c0 80'],
    ['a surrogate', '00 00 ed a0 80'],
  ])('%s is no UTF-8', (_, data) => {
    expectDecodeError(() => StatusCodeOption.decode(octets(data)), 'invalid-text', 2);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => StatusCodeOption.encode({ code: 65536, message: '' }), 'out-of-range', 'code');
    expectEncodeError(
      () => StatusCodeOption.encode({ code: 0, message: '\ud800' }),
      'invalid-text',
      'message',
    );
  });

  test('properties', () => {
    checkCodec(StatusCodeOption, fc.record({ code: uint16, message: fc.string({ unit: 'binary' }) }));
  });
});
