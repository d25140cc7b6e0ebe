// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { NtpServerOption, type NtpSuboption, type NtpTimeSource, parseIpv6 } from '../../../src/dhcpv6';
import { address, buffer, domainName, uint16 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('NTP Server, RFC 5908 section 4', () => {
  const server = octets(`
    00 01  00 10                                     // NTP_SUBOPTION_SRV_ADDR
    20 01 0d b8 00 00 00 00 00 00 00 00 00 00 01 23
  `);
  const multicast = octets(`
    00 02  00 10                                     // NTP_SUBOPTION_MC_ADDR
    ff 02 00 00 00 00 00 00 00 00 00 00 00 00 01 01
  `);
  const name = octets(`
    00 03  00 0a                                     // NTP_SUBOPTION_SRV_FQDN
    03 6e 74 70  04 74 65 73 74  00                  // ntp.test.
  `);
  const unknown = octets(`
    00 63  00 02  be ef                              // nobody's
  `);

  test('each kind of time source', () => {
    expect(NtpServerOption.code).toBe(56);
    expectSame(NtpServerOption, server, [{ kind: 'server-address', address: parseIpv6('2001:db8::123') }]);
    expectSame(NtpServerOption, multicast, [{ kind: 'multicast-address', address: parseIpv6('ff02::101') }]);
    expectSame(NtpServerOption, name, [{ kind: 'server-name', name: 'ntp.test.' }]);
  });

  test('unknown suboptions are kept in their place', () => {
    expectSame(NtpServerOption, Buffer.concat([unknown, name, unknown]), [
      { kind: 'unknown', code: 99, data: octets('be ef') },
      { kind: 'server-name', name: 'ntp.test.' },
      { kind: 'unknown', code: 99, data: octets('be ef') },
    ]);
  });

  test('one time source, and only one', () => {
    expectDecodeError(() => NtpServerOption.decode(octets('')), 'missing-option', 0);
    expectDecodeError(() => NtpServerOption.decode(unknown), 'missing-option', 6);
    const two = Buffer.concat([unknown, server, name]);
    expectDecodeError(() => NtpServerOption.decode(two), 'repeated-option', 26);
  });

  test('suboptions that are cut, too short or too long', () => {
    expectDecodeError(() => NtpServerOption.decode(server.subarray(0, 3)), 'truncated', 2);
    expectDecodeError(() => NtpServerOption.decode(server.subarray(0, 19)), 'truncated', 4);
    expectDecodeError(() => NtpServerOption.decode(octets('00 02 00 01 ff')), 'truncated', 4);
    expectDecodeError(() => NtpServerOption.decode(octets('00 03 00 02 01 61 00')), 'truncated', 6);
    expectDecodeError(() => NtpServerOption.decode(octets('00 03 00 03 01 c0 c0')), 'invalid-domain-name', 6);
    expectDecodeError(() => NtpServerOption.decode(octets('00 03 00 02 00 00')), 'trailing-octets', 5);
  });

  test('encoding names what it refuses', () => {
    const source: NtpSuboption = { kind: 'server-name', name: 'ntp.test.' };
    const data = Buffer.alloc(0);
    expectEncodeError(() => NtpServerOption.encode([]), 'missing-option', 'suboptions');
    expectEncodeError(() => NtpServerOption.encode([source, source]), 'repeated-option', 'suboptions');
    expectEncodeError(
      () => NtpServerOption.encode([{ kind: 'server-address', address: data }]),
      'wrong-length',
      'suboptions[0].address',
    );
    expectEncodeError(
      () => NtpServerOption.encode([{ kind: 'multicast-address', address: data }]),
      'wrong-length',
      'suboptions[0].address',
    );
    expectEncodeError(
      () => NtpServerOption.encode([{ kind: 'server-name', name: '' }]),
      'invalid-domain-name',
      'suboptions[0].name',
    );
    for (const code of [1, 2, 3]) {
      expectEncodeError(
        () => NtpServerOption.encode([source, { kind: 'unknown', code, data }]),
        'out-of-range',
        'suboptions[1].code',
      );
    }
    expectEncodeError(
      () => NtpServerOption.encode([source, { kind: 'unknown', code: 65536, data }]),
      'out-of-range',
      'suboptions[1].code',
    );
  });

  test('properties', () => {
    const sources: fc.Arbitrary<NtpTimeSource> = fc.oneof(
      fc.record({ kind: fc.constant('server-address'), address }),
      fc.record({ kind: fc.constant('multicast-address'), address }),
      fc.record({ kind: fc.constant('server-name'), name: domainName }),
    );
    const others: fc.Arbitrary<NtpSuboption[]> = fc.array(
      fc.record({
        kind: fc.constant('unknown'),
        code: uint16.filter((code) => code < 1 || code > 3),
        data: buffer(0, 10),
      }),
      { maxLength: 2 },
    );
    checkCodec(
      NtpServerOption,
      fc.tuple(others, sources, others).map(([before, source, after]) => [...before, source, ...after]),
    );
  });
});
