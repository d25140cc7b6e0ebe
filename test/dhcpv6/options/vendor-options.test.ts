// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { VendorOptionsOption } from '../../../src/dhcpv6';
import { options, uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Vendor-specific Information, RFC 8415 section 21.17', () => {
  const data = octets(`
    00 00 0d e9              // enterprise-number 3561
    00 01  00 02  ab cd      // the vendor's option 1
    00 09  00 00             // the vendor's option 9
  `);

  test('enterprise-number and options', () => {
    expect(VendorOptionsOption.code).toBe(17);
    expectSame(VendorOptionsOption, data, {
      enterpriseNumber: 3561,
      options: [
        { code: 1, data: octets('ab cd') },
        { code: 9, data: octets('') },
      ],
    });
  });

  test('cut', () => {
    expectDecodeError(() => VendorOptionsOption.decode(data.subarray(0, 2)), 'truncated', 0);
    expectDecodeError(() => VendorOptionsOption.decode(data.subarray(0, 9)), 'truncated', 4);
    expectDecodeError(() => VendorOptionsOption.decode(data.subarray(0, 13)), 'truncated', 10);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(
      () => VendorOptionsOption.encode({ enterpriseNumber: -1, options: [] }),
      'out-of-range',
      'enterpriseNumber',
    );
    expectEncodeError(
      () =>
        VendorOptionsOption.encode({
          enterpriseNumber: 0,
          options: [{ code: 1, data: Buffer.alloc(65536) }],
        }),
      'too-long',
      'options[0].data',
    );
  });

  test('properties', () => {
    checkCodec(VendorOptionsOption, fc.record({ enterpriseNumber: uint32, options }));
  });
});
