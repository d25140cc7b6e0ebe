// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { DomainListOption } from '../../../src/dhcpv6';
import { domainName } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Domain Search List, RFC 3646 section 4', () => {
  const data = octets(`
    07 65 78 61 6d 70 6c 65  03 6f 72 67  00               // example.org.
    03 6c 61 62  07 65 78 61 6d 70 6c 65  03 6f 72 67  00  // lab.example.org.
  `);

  test('complete names in their order', () => {
    expect(DomainListOption.code).toBe(24);
    expectSame(DomainListOption, data, ['example.org.', 'lab.example.org.']);
    expectSame(DomainListOption, octets(''), []);
    expect(DomainListOption.encode(['example.org', 'lab.example.org'])).toEqual(data);
  });

  test('RFC 8415 section 10: no compression', () => {
    const compressed = Buffer.concat([data.subarray(0, 13), octets('03 6c 61 62 c0 00')]);
    expectDecodeError(() => DomainListOption.decode(compressed), 'invalid-domain-name', 17);
  });

  test('a name without its end', () => {
    expectDecodeError(() => DomainListOption.decode(data.subarray(0, 12)), 'truncated', 12);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => DomainListOption.encode(['a.', 'b..']), 'invalid-domain-name', 'names[1]');
    expectEncodeError(() => DomainListOption.encode(['']), 'invalid-domain-name', 'names[0]');
  });

  test('properties', () => {
    checkCodec(DomainListOption, fc.array(domainName, { maxLength: 4 }));
  });
});
