// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ClientEvent, Lease, LossReason } from '../../../src/client';
import { scriptEnvironment } from '../../../src/client/apply/script-environment';
import { readConfiguration } from '../../../src/client/lease/lease-options';
import {
  DnsServersOption,
  DomainListOption,
  formatIpv6,
  makeOption,
  NtpServerOption,
  type NtpSuboption,
  parseIpv6,
  SntpServersOption,
} from '../../../src/dhcpv6';
import { leaseOf } from '../daemon/support/daemon-set-up';

const base = { interface: 'eth0', time: 0 };
const lease: Lease = {
  ...leaseOf({ prefix: true }, 0),
  configuration: readConfiguration({
    msgType: 7,
    transactionId: 1,
    options: [
      makeOption(DnsServersOption, [parseIpv6('2001:db8::53'), parseIpv6('2001:db8::54')]),
      makeOption(DomainListOption, [
        'example.net.',
        '$(reboot).example.',
        '-oProxyCommand=x.',
        'a_b.example.',
      ]),
      makeOption(SntpServersOption, [parseIpv6('2001:db8::31')]),
      ntp({ kind: 'server-address', address: parseIpv6('2001:db8::123') }),
      ntp({ kind: 'multicast-address', address: parseIpv6('ff05::101') }),
      ntp({ kind: 'server-name', name: 'ntp.example.net.' }),
      ntp({ kind: 'server-name', name: '`reboot`.example.net.' }),
    ],
  }),
};
const later = leaseOf({ prefix: true, address: '2001:db8::2', preferred: 0, valid: 0xffffffff }, 9);
const bound = { ...base, type: 'bound', lease, previous: undefined } satisfies ClientEvent;

function ntp(source: NtpSuboption): { readonly code: number; readonly data: Buffer } {
  return makeOption(NtpServerOption, [source]);
}

function withoutPath(event: ClientEvent): Record<string, string> {
  return Object.fromEntries(
    Object.entries(scriptEnvironment(event)).filter(
      ([name]) => name !== 'PATH' && !name.startsWith('OPTION_'),
    ),
  );
}

function reasonOf(event: ClientEvent): string {
  const { reason, if_up: up, if_down: down, protocol } = scriptEnvironment(event);
  return [reason, protocol, up === 'true' ? 'up' : down === 'true' ? 'down' : '-'].join(' ');
}

test('a lease has the names of odhcp6c and those of dhcpcd', () => {
  expect(withoutPath(bound)).toEqual({
    ADDRESSES: '2001:db8::1/128,75,100',
    PREFIXES: '2001:db8:1::/56,75,100',
    RDNSS: '2001:db8::53 2001:db8::54',
    DOMAINS: 'example.net a_b.example',
    SNTP_IP: '2001:db8::31',
    NTP_IP: '2001:db8::123 ff05::101',
    NTP_FQDN: 'ntp.example.net',
    SERVER: '0003bb',
    ENCRYPTED: '1',
    reason: 'BOUND6',
    interface: 'eth0',
    protocol: 'dhcp6',
    if_up: 'true',
    if_down: 'false',
    new_dhcp6_server_id: '0003bb',
    new_dhcp6_client_id: '0004aa',
    new_dhcp6_ia_na1_iaid: '00000007',
    new_dhcp6_ia_na1_t1: '50',
    new_dhcp6_ia_na1_t2: '80',
    new_dhcp6_ia_na1_ia_addr1: '2001:db8::1',
    new_dhcp6_ia_na1_ia_addr1_pltime: '75',
    new_dhcp6_ia_na1_ia_addr1_vltime: '100',
    new_dhcp6_ia_pd1_iaid: '00000007',
    new_dhcp6_ia_pd1_t1: '50',
    new_dhcp6_ia_pd1_t2: '80',
    new_dhcp6_ia_pd1_prefix1: '2001:db8:1::',
    new_dhcp6_ia_pd1_prefix1_length: '56',
    new_dhcp6_ia_pd1_prefix1_pltime: '75',
    new_dhcp6_ia_pd1_prefix1_vltime: '100',
    new_dhcp6_name_servers: '2001:db8::53 2001:db8::54',
    new_dhcp6_domain_search: 'example.net a_b.example',
    new_dhcp6_sntp_servers: '2001:db8::31',
    new_dhcp6_ntp_server_addr: '2001:db8::123',
    new_dhcp6_ntp_server_mcast_addr: 'ff05::101',
    new_dhcp6_ntp_server_fqdn: 'ntp.example.net',
  });
});

test('what a renewal changes is there as it was and as it is, addresses and lifetimes', () => {
  expect(withoutPath({ ...base, type: 'renewed', lease: later, previous: lease })).toMatchObject({
    reason: 'RENEW6',
    old_dhcp6_ia_na1_ia_addr1: '2001:db8::1',
    old_dhcp6_ia_na1_ia_addr1_pltime: '75',
    old_dhcp6_ia_na1_ia_addr1_vltime: '100',
    old_dhcp6_ia_pd1_prefix1: '2001:db8:1::',
    old_dhcp6_name_servers: '2001:db8::53 2001:db8::54',
    new_dhcp6_ia_na1_ia_addr1: '2001:db8::2',
    new_dhcp6_ia_na1_ia_addr1_pltime: '0',
    new_dhcp6_ia_na1_ia_addr1_vltime: '4294967295',
    new_dhcp6_ia_pd1_prefix1_length: '56',
    ADDRESSES: '2001:db8::2/128,0,4294967295',
  });
});

test('a lease that is lost is old, and none is new', () => {
  const names = Object.keys(
    withoutPath({ ...base, type: 'lost', reason: 'expired', lease: undefined, previous: lease }),
  );
  expect(names).toContain('old_dhcp6_ia_pd1_prefix1');
  expect(names.filter((name) => !/^(old_dhcp6_\w+|reason|interface|protocol|if_\w+)$/.test(name))).toEqual(
    [],
  );
});

test('a second association and a second address in it are counted on, each association from 1', () => {
  const item = (address: string) => ({ address, preferredLifetime: 1, validLifetime: 2 });
  const addresses = [
    { iaid: 7, t1: 1, t2: 2, items: [item('2001:db8::1'), item('2001:db8::2')] },
    { iaid: 0xffffffff, t1: 1, t2: 2, items: [item('2001:db8::3')] },
  ];
  expect(withoutPath({ ...bound, lease: { ...lease, addresses } })).toMatchObject({
    new_dhcp6_ia_na1_ia_addr2: '2001:db8::2',
    new_dhcp6_ia_na2_iaid: 'ffffffff',
    new_dhcp6_ia_na2_ia_addr1: '2001:db8::3',
  });
});

describe("dhcpcd's reasons", () => {
  const lost = (reason: LossReason, left?: Lease): ClientEvent => ({
    ...base,
    type: 'lost',
    reason,
    lease: left,
    previous: lease,
  });

  test.each([
    [{ ...base, type: 'started' }, 'PREINIT link -'],
    [bound, 'BOUND6 dhcp6 up'],
    [{ ...bound, type: 'renewed' }, 'RENEW6 dhcp6 up'],
    [{ ...bound, type: 'rebound' }, 'REBIND6 dhcp6 up'],
    [{ ...bound, type: 'confirmed' }, 'REBOOT6 dhcp6 up'],
    [{ ...bound, type: 'informed' }, 'INFORM6 dhcp6 up'],
    [lost('expired'), 'EXPIRE6 dhcp6 down'],
    [lost('not-on-link'), 'EXPIRE6 dhcp6 down'],
    [lost('declined'), 'EXPIRE6 dhcp6 down'],
    [lost('declined', later), 'RENEW6 dhcp6 up'],
    [lost('released'), 'RELEASE6 dhcp6 down'],
    [{ ...base, type: 'stopped', lease: undefined }, 'STOP6 dhcp6 down'],
    [{ ...base, type: 'stopped', lease }, 'STOPPED link -'],
  ] as const)('%#: %j', (event, reason) => {
    expect(reasonOf(event)).toBe(reason);
  });
});

describe('NTP servers (RFC 5908)', () => {
  const good = ntp({ kind: 'server-address', address: parseIpv6('2001:db8::123') });

  function timeServers(...data: readonly Buffer[]): readonly (string | undefined)[] {
    const options = [...data.map((one) => ({ code: NtpServerOption.code, data: one })), good];
    const configuration = readConfiguration({ msgType: 7, transactionId: 1, options });
    const { NTP_IP: addresses, NTP_FQDN: names } = scriptEnvironment({
      ...bound,
      lease: { ...lease, configuration },
    });
    return [addresses, names];
  }

  test.each([
    ['is cut short', good.data.subarray(0, -1)],
    ['has octets behind', Buffer.concat([good.data, Buffer.of(0)])],
    ['has two time sources', Buffer.concat([good.data, good.data])],
    ['has none', Buffer.alloc(0)],
    ['has a name that is no name', Buffer.from('00030003c00c00', 'hex')],
    ['has a group as a server', ntp({ kind: 'server-address', address: parseIpv6('ff05::101') }).data],
    ['has a server as a group', ntp({ kind: 'multicast-address', address: parseIpv6('2001:db8::1') }).data],
  ])('an option that %s is left out, the others stay', (_, data) => {
    expect(timeServers(data)).toEqual(['2001:db8::123', undefined]);
  });

  test('any octets give addresses and harmless names, or nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (all) => {
        const [addresses = '', names = ''] = timeServers(...all.map((one) => Buffer.from(one)));
        expect(addresses.split(' ').map((one) => formatIpv6(parseIpv6(one)))).toEqual(addresses.split(' '));
        expect(names).toMatch(/^[\w. -]*$/);
      }),
    );
  });

  test('each well-formed time source comes through, in its order', () => {
    const unicast = fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .filter(([first]) => first !== 0xff)
      .map((octets) => Buffer.from(octets));
    const source = fc.oneof(
      unicast.map((address): NtpSuboption => ({ kind: 'server-address', address })),
      fc.domain().map((name): NtpSuboption => ({ kind: 'server-name', name: `${name}.` })),
    );
    fc.assert(
      fc.property(fc.array(source, { maxLength: 8 }), (sources) => {
        const texts = (kind: NtpSuboption['kind']): string[] =>
          sources.flatMap((one) =>
            one.kind !== kind
              ? []
              : one.kind === 'server-address'
                ? [formatIpv6(one.address)]
                : one.kind === 'server-name'
                  ? [one.name.slice(0, -1)]
                  : [],
          );
        const [addresses, names = ''] = timeServers(...sources.map((one) => ntp(one).data));
        expect(addresses?.split(' ')).toEqual([...texts('server-address'), '2001:db8::123']);
        expect(names.split(' ').filter(Boolean)).toEqual(texts('server-name'));
      }),
    );
  });
});

test('no name or value that a program could not be started with, or has control characters', () => {
  const configuration = {
    ...lease.configuration,
    fqdn: 'host\nreason=STOP6',
    options: { 200: 'ab'.repeat(65_000), 201: 'ab'.repeat(66_000), '202\n': 'ab' },
  };
  const serverIdentifier = '00\u0007';
  const environment = scriptEnvironment({ ...bound, lease: { ...lease, serverIdentifier, configuration } });
  expect(Object.keys(environment).filter((name) => name.startsWith('OPTION_'))).toEqual(['OPTION_200']);
  expect(environment).toMatchObject({ reason: 'BOUND6' });
  expect(Object.keys(environment)).not.toContain('FQDN');
  expect(Object.keys(environment)).not.toContain('SERVER');
});

test('docs/client.md describes each variable', () => {
  const page = readFileSync(join(__dirname, '../../../docs/client.md'), 'utf8');
  const names = [
    ...Object.keys(
      withoutPath({
        ...bound,
        lease: {
          ...lease,
          configuration: { ...lease.configuration, fqdn: 'h.example', informationRefreshTime: 1 },
        },
      }),
    ),
    'OPTION_n',
  ].map((name) => name.replace(/^new_dhcp6_/, ''));
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
