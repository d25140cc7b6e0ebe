// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { ClientFqdnOption } from '../../../src/dhcpv6';
import { domainName } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Client FQDN, RFC 4704 section 4', () => {
  test('flags and a complete name', () => {
    expect(ClientFqdnOption.code).toBe(39);
    const data = octets(`
      01                                                         // S
      04 68 6f 73 74  07 65 78 61 6d 70 6c 65  03 6f 72 67  00   // host.example.org.
    `);
    expectSame(ClientFqdnOption, data, { s: true, o: false, n: false, name: 'host.example.org.' });
  });

  test('section 4.2: a partial name has no end, an empty one no octet', () => {
    const flags = { s: false, o: true, n: true };
    expectSame(ClientFqdnOption, octets('06  04 68 6f 73 74'), { ...flags, name: 'host' });
    expectSame(ClientFqdnOption, octets('06'), { ...flags, name: '' });
  });

  test('section 4.1: the other flags are ignored', () => {
    expect(ClientFqdnOption.decode(octets('f8'))).toEqual({ s: false, o: false, n: false, name: '' });
  });

  test('cut, or with something after the name', () => {
    expectDecodeError(() => ClientFqdnOption.decode(octets('')), 'truncated', 0);
    expectDecodeError(() => ClientFqdnOption.decode(octets('00 04 68 6f')), 'truncated', 2);
    expectDecodeError(() => ClientFqdnOption.decode(octets('00 01 68 00 01')), 'trailing-octets', 4);
    expectDecodeError(() => ClientFqdnOption.decode(octets('00 c0 00')), 'invalid-domain-name', 1);
  });

  test('encoding names what it refuses', () => {
    const flags = { s: true, o: false, n: false };
    expectEncodeError(
      () => ClientFqdnOption.encode({ ...flags, name: 'a b' }),
      'invalid-domain-name',
      'name',
    );
  });

  test('properties', () => {
    const name = fc.oneof(
      domainName,
      domainName.map((complete) => complete.slice(0, -1)),
    );
    checkCodec(ClientFqdnOption, fc.record({ s: fc.boolean(), o: fc.boolean(), n: fc.boolean(), name }));
  });
});
