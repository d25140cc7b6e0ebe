// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { VendorClassOption } from '../../../src/dhcpv6';
import { buffer, uint32 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Vendor Class, RFC 8415 section 21.16', () => {
  const data = octets(`
    00 00 0d e9       // enterprise-number 3561
    00 03  63 70 65   // "cpe"
    00 00             // an empty one
  `);

  test('enterprise-number, and classes, each with its length', () => {
    expect(VendorClassOption.code).toBe(16);
    expectSame(VendorClassOption, data, {
      enterpriseNumber: 3561,
      classes: [octets('63 70 65'), octets('')],
    });
    expectSame(VendorClassOption, data.subarray(0, 4), { enterpriseNumber: 3561, classes: [] });
  });

  test('cut', () => {
    expectDecodeError(() => VendorClassOption.decode(data.subarray(0, 3)), 'truncated', 0);
    expectDecodeError(() => VendorClassOption.decode(data.subarray(0, 5)), 'truncated', 4);
    expectDecodeError(() => VendorClassOption.decode(data.subarray(0, 8)), 'truncated', 6);
  });

  test('encoding names what it refuses', () => {
    const classes = [Buffer.alloc(65536)];
    expectEncodeError(
      () => VendorClassOption.encode({ enterpriseNumber: 2 ** 32, classes: [] }),
      'out-of-range',
      'enterpriseNumber',
    );
    expectEncodeError(
      () => VendorClassOption.encode({ enterpriseNumber: 0, classes }),
      'too-long',
      'classes[0]',
    );
  });

  test('properties', () => {
    const classes = fc.array(buffer(0, 20), { maxLength: 5 });
    checkCodec(VendorClassOption, fc.record({ enterpriseNumber: uint32, classes }));
  });
});
