// SPDX-License-Identifier: MPL-2.0

import {
  DnsServersOption,
  decodeMessage,
  encodeMessage,
  IaPdOption,
  IaPrefixOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
  parseIpv6,
} from '../../src/dhcpv6';
import {
  addresses,
  clearIaid,
  type ClientUnderTest,
  leasedAddress,
  setUp,
  type Setup,
} from './support/client-set-up';
import { PlainKea } from './support/plain-kea';

const identifier = Buffer.from('00030001000000000001', 'hex');
const other = Buffer.from('00030001000000000002', 'hex');

type Change = (message: Message) => Buffer;

/** A client of servers in clear, the first of which says everything as `change` makes it. */
function given(change: Change, second?: PlainKea, leaseRequest: Setup['leaseRequest'] = {}): ClientUnderTest {
  const kea = new PlainKea(identifier, { address: leasedAddress });
  const answer = (octets: Buffer): Promise<Buffer[]> =>
    Promise.resolve(
      octets[0]! > MessageType.InformationRequest
        ? []
        : [change(decodeMessage(kea.answer(octets))), ...(second ? [second.answer(octets)] : [])],
    );
  return setUp({ opportunistic: true, answer, patience: 3000, leaseRequest });
}

const behind =
  (hex: string): Change =>
  (message) =>
    Buffer.concat([encodeMessage(message), Buffer.from(hex, 'hex')]);

const beside =
  (code: number, hex: string): Change =>
  (message) =>
    encodeMessage({ ...message, options: [...message.options, { code, data: Buffer.from(hex, 'hex') }] });

/** Changes the data of an option. */
const within =
  (code: number, change: (data: Buffer) => Buffer): Change =>
  (message) =>
    encodeMessage({
      ...message,
      options: message.options.map((option) =>
        option.code === code ? { code, data: change(option.data) } : option,
      ),
    });

describe('an answer in clear whose lease can be read is taken', () => {
  test.each<[string, Change]>([
    ['1 stray octet behind the last option', behind('00')],
    ['3 stray octets behind the last option', behind('001d4c')],
    [
      'a stray octet behind the options of its IA_NA',
      within(OptionCode.IaNa, (data) => Buffer.concat([data, Buffer.of(0)])),
    ],
    ['a status option of 0 octets', beside(OptionCode.StatusCode, '')],
    ['a status option of 1 octet', beside(OptionCode.StatusCode, '00')],
    ['a status text that is not UTF-8', beside(OptionCode.StatusCode, '0000fffe80')],
    ['a Preference option of 0 octets', beside(OptionCode.Preference, '')],
    ['a SOL_MAX_RT option of 0 octets', beside(OptionCode.SolMaxRt, '')],
    ['a DNS server of 3 octets', beside(OptionCode.DnsServers, '200103')],
    ['a domain that ends early', beside(OptionCode.DomainList, '0561')],
    ['a Client FQDN option of 0 octets', beside(OptionCode.ClientFqdn, '')],
    ['an Information Refresh Time of 1 octet', beside(OptionCode.InformationRefreshTime, '00')],
  ])('%s', async (_, change) => {
    const run = given(change);
    const lease = await run.client.obtain();
    expect(addresses(lease)).toEqual([leasedAddress]);
    expect(addresses(await run.client.renew(lease))).toEqual([leasedAddress]);
  });

  test('of an option that is there again the first that can be read counts', async () => {
    const servers = ['', '2001:db8::1', '2001:db8::2'].map((text) =>
      text === ''
        ? { code: DnsServersOption.code, data: Buffer.of(1) }
        : makeOption(DnsServersOption, [parseIpv6(text)]),
    );
    const run = given((message) => encodeMessage({ ...message, options: [...message.options, ...servers] }));
    expect((await run.client.obtain()).configuration.dnsServers).toEqual(['2001:db8::1']);
  });

  test('NoAddrsAvail as the status of the whole is about addresses: the prefix beside it is taken, without stray bits', async () => {
    const prefix = makeOption(IaPrefixOption, {
      preferredLifetime: 75,
      validLifetime: 100,
      prefixLength: 56,
      prefix: parseIpv6('2001:db8:1:2::7'),
      options: [],
    });
    const delegated = makeOption(IaPdOption, { iaid: clearIaid, t1: 0, t2: 0, options: [prefix] });
    const run = given(
      ({ options, ...message }) =>
        encodeMessage({
          ...message,
          options: [
            ...options.filter(({ code }) => code !== OptionCode.IaNa),
            delegated,
            { code: OptionCode.StatusCode, data: Buffer.from('0002', 'hex') },
          ],
        }),
      undefined,
      { prefix: true },
    );
    const lease = await run.client.obtain();
    expect(addresses(lease)).toEqual([]);
    expect(lease.prefixes).toMatchObject([{ items: [{ prefix: '2001:db8:1::/56' }] }]);
  });
});

describe('an ignored answer in clear is reported in the last line, and another server is used', () => {
  test.each<[string, Change, string, RegExp]>([
    [
      'an option beyond the end',
      behind('00001d4c00'),
      'no-server',
      /answers were refused: option 0 has 7500 octets, 1 left/,
    ],
    [
      'a malformed association',
      within(OptionCode.IaNa, (data) => data.subarray(0, 11)),
      'no-server',
      /answers were refused: IA_NA: T2 needs 4 octets, 3 left/,
    ],
    [
      'no server that is named',
      (message) =>
        encodeMessage({
          ...message,
          options: message.options.filter(({ code }) => code !== OptionCode.ServerIdentifier),
        }),
      'no-server',
      /answers were refused: an answer in clear without a Server Identifier/,
    ],
    [
      'another client',
      within(OptionCode.ClientIdentifier, () => other),
      'no-server',
      /answers were refused: the server with DUID 00:03:.* answers another client/,
    ],
    [
      'a status that is none of Success',
      beside(OptionCode.StatusCode, '0001'),
      'no-usable-configuration',
      /00:01, not authenticated, answered with status 1 \(UnspecFail\)$/,
    ],
  ])('%s', async (_, change, code, message) => {
    const alone = given(change);
    await expect(alone.client.obtain()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    const both = given(change, new PlainKea(other, { address: '2001:db8::2' }));
    expect(addresses(await both.client.obtain())).toEqual(['2001:db8::2']);
  });

  test('of a later exchange too', async () => {
    let isBroken = false;
    const run = given((message) => (isBroken ? behind('00001d4c00')(message) : encodeMessage(message)));
    const lease = await run.client.obtain();
    isBroken = true;
    await expect(run.client.renew(lease, 20)).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(
        /^no server answered the Renew in clear \(answers were refused: option 0 has 7500/,
      ),
    });
  });
});
