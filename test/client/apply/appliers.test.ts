// SPDX-License-Identifier: MPL-2.0

import {
  AddressApplier,
  applicableEvent,
  type ClientEvent,
  DownstreamApplier,
  ResolvconfApplier,
} from '../../../src/client';
import { subnetOf } from '../../../src/client/apply/downstream';
import { leaseOf } from '../daemon/support/daemon-set-up';

const lease = {
  ...leaseOf({ prefix: true }, 0),
  configuration: {
    dnsServers: ['2001:db8::53'],
    domainSearch: ['example.net', '$(reboot).example'],
    informationRefreshTime: undefined,
    fqdn: undefined,
    options: { 31: '20010db8000000000000000000000031' },
  },
};
const base = { interface: 'eth0', time: 0 };
const bound: ClientEvent = { ...base, type: 'bound', lease, previous: undefined };
const lost: ClientEvent = { ...base, type: 'lost', reason: 'expired', lease: undefined, previous: lease };

function recorder(): {
  readonly commands: string[];
  readonly run: (command: string, args: readonly string[], input?: string) => Promise<string>;
} {
  const commands: string[] = [];
  return {
    commands,
    run: (command, args, input = '') => {
      commands.push([command, ...args, JSON.stringify(input)].join(' '));
      return Promise.resolve('');
    },
  };
}

test.each([
  ['2001:db8:1::/56', 0, '2001:db8:1::'],
  ['2001:db8:1::/56', 255, '2001:db8:1:ff::'],
  ['2001:db8:1::/56', 256, undefined],
  ['2001:db8:1:7::/64', 0, '2001:db8:1:7::'],
  ['2001:db8:1:7::/64', 1, undefined],
  ['2001:db8:1:7:8000::/65', 0, undefined],
])('of %s the /64 of number %d is %s', (prefix, slaId, subnet) => {
  expect(subnetOf(prefix, slaId)).toBe(subnet);
});

test('a prefix goes to downstream interfaces, the rest of it is unreachable, and both end with it', async () => {
  const { commands, run } = recorder();
  const notices: string[] = [];
  const lans = [
    { interfaceName: 'lan0', slaId: 1 },
    { interfaceName: 'lan1', slaId: 256 },
  ];
  const applier = new DownstreamApplier(lans, run, (text) => notices.push(text));
  await applier.apply(bound);
  expect(commands.splice(0)).toEqual([
    'ip -6 route replace unreachable 2001:db8:1::/56 metric 2147483647 proto 16 ""',
    'ip -6 address replace 2001:db8:1:1::1/64 dev lan0 valid_lft 100 preferred_lft 75 noprefixroute ""',
    'ip -6 route replace 2001:db8:1:1::/64 dev lan0 proto 16 expires 100 ""',
  ]);
  expect(notices).toEqual(['2001:db8:1::/56 has no /64 of number 256 for lan1']);
  await applier.apply(lost);
  expect(commands).toEqual([
    'ip -6 address del 2001:db8:1:1::1/64 dev lan0 ""',
    'ip -6 route del 2001:db8:1:1::/64 dev lan0 proto 16 ""',
    'ip -6 route del unreachable 2001:db8:1::/56 metric 2147483647 proto 16 ""',
  ]);
});

test('an interface that is not there, or an address that is refused, keeps nothing from the others', async () => {
  const { commands, run } = recorder();
  const failing: typeof run = async (command, args) => {
    await run(command, args);
    if (args.includes('lan0') || args.includes('2001:db8::1/128')) {
      throw new Error('no such thing');
    }
    return '[]';
  };
  const lans = [
    { interfaceName: 'lan0', slaId: 1 },
    { interfaceName: 'lan1', slaId: 2 },
  ];
  await expect(new DownstreamApplier(lans, failing, () => undefined).apply(bound)).rejects.toThrow('no such');
  expect(commands.splice(0).at(-1)).toContain('2001:db8:1:2::/64 dev lan1');

  const onConflict = jest.fn();
  const looks: (() => void)[] = [];
  const timer = (_: number, callback: () => void): unknown => looks.push(callback);
  const applier = new AddressApplier({ interfaceName: 'eth0', run: failing, onConflict, timer });
  const [association] = lease.addresses;
  const second = { address: '2001:db8::2', preferredLifetime: 75, validLifetime: 100 };
  const addresses = [{ ...association!, items: [...association!.items, second] }];
  await expect(applier.apply({ ...bound, lease: { ...lease, addresses } })).rejects.toThrow('no such');
  expect(commands.at(-1)).toContain('2001:db8::2/128 dev eth0');
  expect(looks).toHaveLength(1);
});

test.each([
  ['an address that is gone', 4, [['2001:db8::1']]],
  ['one that went with its interface, which was made anew', 5, []],
])('%s is another host’s, or not', async (_, indexLater, conflicts) => {
  let index = 4;
  const run = (_command: string, args: readonly string[]): Promise<string> =>
    Promise.resolve(
      args.includes('link') ? JSON.stringify([{ ifindex: index, flags: ['UP', 'LOWER_UP'] }]) : '[]',
    );
  const onConflict = jest.fn();
  const looks: (() => void)[] = [];
  const timer = (_milliseconds: number, callback: () => void): unknown => looks.push(callback);
  await new AddressApplier({ interfaceName: 'eth0', run, onConflict, timer }).apply(bound);
  index = indexLater;
  looks[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(onConflict.mock.calls.map(([addresses]: [unknown]) => addresses)).toEqual(conflicts);
  expect(looks).toHaveLength(1);
});

test('what may not be put on a host reaches no applier', () => {
  const alien = { address: 'fe80::1', preferredLifetime: 75, validLifetime: 100 };
  const [association] = lease.addresses;
  const mixed = { ...lease, addresses: [{ ...association!, items: [...association!.items, alien] }] };
  expect(applicableEvent({ ...bound, lease: mixed, previous: mixed })).toEqual({ ...bound, previous: lease });
  expect(applicableEvent({ ...lost, previous: mixed })).toEqual(lost);
});

test('resolvconf gets servers and valid domain names, and the end', async () => {
  const { commands, run } = recorder();
  const applier = new ResolvconfApplier(run);
  await applier.apply(bound);
  await applier.apply(lost);
  expect(commands).toEqual([
    'resolvconf -a eth0.dhcpv6 "nameserver 2001:db8::53\\nsearch example.net\\n"',
    'resolvconf -d eth0.dhcpv6 ""',
  ]);
});
