// SPDX-License-Identifier: MPL-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientEvent, DownstreamApplier, ResolvconfApplier, ScriptApplier } from '../../../src/client';
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
    'ip -6 route replace unreachable 2001:db8:1::/56 metric 2147483647 ""',
    'ip -6 address replace 2001:db8:1:1::1/64 dev lan0 valid_lft 100 preferred_lft 75 ""',
  ]);
  expect(notices).toEqual(['2001:db8:1::/56 has no /64 of number 256 for lan1']);
  await applier.apply(lost);
  expect(commands).toEqual([
    'ip -6 address del 2001:db8:1:1::1/64 dev lan0 ""',
    'ip -6 route del unreachable 2001:db8:1::/56 ""',
  ]);
});

test('resolvconf hears of servers and of domains that are names, and of the end', async () => {
  const { commands, run } = recorder();
  const applier = new ResolvconfApplier(run);
  await applier.apply(bound);
  await applier.apply(lost);
  expect(commands).toEqual([
    'resolvconf -a eth0.dhcpv6 "nameserver 2001:db8::53\\nsearch example.net\\n"',
    'resolvconf -d eth0.dhcpv6 ""',
  ]);
});

describe('the script', () => {
  const directory = mkdtempSync(join(tmpdir(), 'script-'));
  const script = join(directory, 'script');
  const output = join(directory, 'output');

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test("gets odhcp6c's arguments and variables and no others, and nothing that a shell would run", async () => {
    writeFileSync(script, `#!/bin/sh\necho "$@" > ${output}\nenv >> ${output}\n`, { mode: 0o755 });
    process.env['SECRET_OF_THE_USER'] = 'x';
    await new ScriptApplier(script, () => undefined).apply(bound);
    const text = readFileSync(output, 'utf8').trim().split('\n');
    expect(text[0]).toBe('eth0 bound');
    const own = text.slice(1).filter((line) => !/^(PATH|PWD|_|SHLVL|OLDPWD)=/.test(line));
    expect(own.sort()).toEqual([
      'ADDRESSES=2001:db8::1/128,75,100',
      'DOMAINS=example.net',
      'ENCRYPTED=1',
      'OPTION_31=20010db8000000000000000000000031',
      'PREFIXES=2001:db8:1::/56,75,100',
      'RDNSS=2001:db8::53',
      'SERVER=0003bb',
      'SNTP_IP=2001:db8::31',
    ]);
  });

  test('is killed with all it has started when its time is over, and that is said', async () => {
    writeFileSync(script, '#!/bin/sh\nsleep 600 & wait\n', { mode: 0o755 });
    const notices: string[] = [];
    await new ScriptApplier(script, (text) => notices.push(text), 100).apply(bound);
    expect(notices).toEqual([
      `the script ${script} took too long at bound and is killed`,
      `the script ${script} failed at bound: exit SIGKILL`,
    ]);
  });
});
