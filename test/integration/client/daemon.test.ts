// SPDX-License-Identifier: MPL-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { NtpServerOption, parseIpv6 } from '../../../src/dhcpv6';
import {
  addressesOn,
  addressOf,
  CLIENT_INTERFACE,
  type KeaOptions,
  KeaServer,
  lookingLonger,
  type Namespace,
  prefixOf,
  RunningClient,
  SERVER_INTERFACE,
  Site,
  type Topology,
  until,
} from '../support';

/** Seconds: of a lease that is to run out, and of T1 and the life of one that is to be renewed, however busy the machine. */
const [brief, renewal, lifetime] = [8, 3, 30] as const;

/** RFC 5908; Kea sends one option of a code. */
const timeServer = {
  code: NtpServerOption.code,
  'csv-format': false,
  data: NtpServerOption.encode([{ kind: 'server-address', address: parseIpv6('2001:db8:1::123') }]).toString(
    'hex',
  ),
};

/** All that a client could put on a host: addresses and routes. */
async function placedOn(host: Namespace): Promise<string[]> {
  const listed = [
    await host.runOk('ip', ['-6', 'address', 'show']),
    await host.runOk('ip', ['-6', 'route', 'show', 'table', 'all']),
  ];
  return listed.flatMap((text) => text.split('\n')).sort();
}

/** `kea-encryption client run` against Kea, with timers short enough to wait for (RFC 8415 section 18.2). */
describe('the client daemon', () => {
  const site = Site.forEachTest(0);
  let topology: Topology;
  let options: KeaOptions;
  let kea: KeaServer;
  let arguments_: string[];

  beforeEach(async () => {
    ({ topology } = site);
    const more = { 'option-data': [timeServer], 'renew-timer': renewal };
    options = await site.settings({}, { kea: { validLifetime: lifetime, more } });
    kea = await KeaServer.start(options);
    arguments_ = await site.clientArguments('--lease-file', site.path('lease.json'));
  });

  function start(...more: string[]): RunningClient {
    return RunningClient.start(topology.client, [...arguments_, ...more]);
  }

  it('puts the address on the interface, renews it at T1 beyond its life, and releases it at the end', async () => {
    const daemon = start();
    const address = addressOf(await daemon.event('bound'));
    await until('the address', async () => (await addressesOn(topology.client)).includes(address));
    const renewals = (): number => daemon.events.filter(({ type }) => type === 'renewed').length;
    const bound = performance.now();
    await until('renewals beyond its life', () => {
      return renewals() >= 3 && performance.now() - bound > lifetime * 1000;
    });
    expect(daemon.events.filter(({ type }) => type === 'lost')).toEqual([]);
    expect(await addressesOn(topology.client)).toContain(address);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(await addressesOn(topology.client)).not.toContain(address);
    expect(daemon.events.slice(-2)).toMatchObject([
      { type: 'lost', reason: 'released' },
      { type: 'stopped' },
    ]);
    await until('the lease to be given back', async () =>
      (await kea.leases()).every(({ address: leased }) => leased !== address),
    );
  });

  it('loses the address at the end of its life where no server answers, and gets one when there is one again', async () => {
    await kea.configure({ ...options, validLifetime: brief });
    expect(await kea.reload()).toMatchObject({ result: 0 });
    const daemon = start();
    const address = addressOf(await daemon.event('bound'));
    await kea.stop();
    expect(await daemon.event('lost')).toMatchObject({ reason: 'expired' });
    await until('its removal', async () => !(await addressesOn(topology.client)).includes(address));
    const count = daemon.events.findIndex(({ type }) => type === 'lost');
    await kea.configure(options);
    await kea.launch();
    expect(addressOf(await daemon.event('bound', count))).toBe(address);
  });

  it('confirms a kept lease at the next start, and the link that comes back', async () => {
    await kea.configure({ ...options, validLifetime: 3600 });
    expect(await kea.reload()).toMatchObject({ result: 0 });
    const first = start('--no-release');
    const address = addressOf(await first.event('bound'));
    await first.stop();
    expect(await addressesOn(topology.client)).toContain(address);
    const second = start();
    expect(addressOf(await second.event('confirmed'))).toBe(address);
    const set = (state: string): Promise<string> =>
      topology.server.runOk('ip', ['link', 'set', 'dev', topology.serverSocket, state]);
    await set('down');
    const count = second.events.length;
    expect(await second.event('link', count - 1)).toMatchObject({ up: false });
    await set('up');
    await until('the link', () => second.events.slice(count).some(({ type, up }) => type === 'link' && up));
    await second.stop();
  });

  it('SIGUSR1 renews at once; SIGUSR2 gives the lease back until SIGUSR1', async () => {
    const daemon = start();
    await daemon.event('bound');
    await daemon.signal('USR1');
    await daemon.event('renewed');
    await daemon.signal('USR2');
    expect(await daemon.event('lost')).toMatchObject({ reason: 'released' });
    const count = daemon.events.length;
    await daemon.signal('USR1');
    await daemon.event('bound', count);
  });

  it("calls a script with odhcp6c's and dhcpcd's variables, and nothing of its own environment", async () => {
    const log = site.path('script.log');
    const script = site.path('script.sh');
    const both = ['old', 'new'].map(
      (name) => `$${name}_dhcp6_ia_na1_ia_addr1,$${name}_dhcp6_ia_na1_ia_addr1_vltime`,
    );
    const line = `$1 $2 [$ADDRESSES] [$HOME] $NTP_IP $NTP_FQDN $reason ${both.join(' ')}`;
    await writeFile(script, `#!/bin/sh\necho "${line}" >> ${log}\n`, { mode: 0o755 });
    const daemon = start('--script', script, '--request-option', '56');
    const address = addressOf(await daemon.event('bound'));
    await daemon.event('renewed');
    await daemon.stop();
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    expect(lines.map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['started', 'bound', 'updated', 'unbound', 'stopped']),
    );
    const time = '2001:db8:1::123 ';
    expect(lines.find((one) => one.includes(' bound '))).toBe(
      `client0 bound [${address}/128,23,30] [] ${time} BOUND6 , ${address},30`,
    );
    expect(lines.find((one) => one.includes(' updated '))).toBe(
      `client0 updated [${address}/128,23,30] [] ${time} RENEW6 ${address},30 ${address},30`,
    );
    expect(lines.find((one) => one.includes(' unbound '))).toBe(
      `client0 unbound [] []   RELEASE6 ${address},30 ,`,
    );
  });

  it('delegates a prefix to a downstream network, and its traffic passes', async () => {
    const host = await site.testbed.namespace('host');
    await site.testbed.join(topology.client, 'lan0', host, 'eth0');
    await topology.client.writeSysctl('net/ipv6/conf/all/forwarding', '1');
    // What a router advertisement would say: the link's prefix.
    await topology.client.runOk('ip', ['-6', 'route', 'add', '2001:db8:1::/64', 'dev', CLIENT_INTERFACE]);
    const before = await placedOn(topology.client);
    const daemon = start('--prefix', '--downstream', 'lan0/2');
    const prefix = prefixOf(await daemon.event('bound'));
    const groups = prefix.replace('::/56', '').split(':');
    const lan = `${groups.slice(0, 3).join(':')}:${(Number.parseInt(groups[3] ?? '0', 16) | 2).toString(16)}::`;
    await until('the downstream address', async () =>
      (await addressesOn(topology.client, 'lan0')).includes(`${lan}1/64`),
    );
    await host.addAddress('eth0', `${lan}99`);
    await host.addRoute('default', `${lan}1`);
    const linkLocal = await topology.client.waitForLinkLocal(CLIENT_INTERFACE);
    await topology.server.runOk('ip', [
      '-6',
      'route',
      'add',
      prefix,
      'via',
      linkLocal,
      'dev',
      topology.serverSocket,
    ]);
    const serve = "require('net').createServer((socket) => socket.end('across')).listen(7777, '::')";
    topology.server.start(process.execPath, ['-e', serve]);
    const fetch = "require('net').connect(7777, '2001:db8:1::1').pipe(process.stdout)";
    await until(
      'a connection across',
      async () => (await host.run(process.execPath, ['-e', fetch])).stdout === 'across',
    );
    await daemon.stop();
    expect(await placedOn(topology.client)).toEqual(before);
  });

  it('gets its address back on an interface that is made anew at once, with the same address of its own', async () => {
    const mac = '02:00:5e:10:00:01';
    const make = `link add wan0 link ${CLIENT_INTERFACE} address ${mac} type macvlan mode bridge\nlink set wan0 up\n`;
    const batch = (input: string): Promise<string> => topology.client.runOk('ip', ['-batch', '-'], { input });
    await batch(make);
    await topology.client.waitForLinkLocal('wan0');
    const daemon = start('--interface', 'wan0');
    const address = addressOf(await daemon.event('bound'));
    const isThere = async (): Promise<boolean> =>
      (await addressesOn(topology.client, 'wan0')).includes(`${address}/128`);
    await until('the address', isThere);
    const count = daemon.events.length;
    await batch(`link del wan0\n${make}`);
    expect(addressOf(await daemon.event('confirmed', count))).toBe(address);
    await until('the address on the new interface', isThere);
    expect(daemon.events.filter(({ type }) => type === 'lost')).toEqual([]);
    // Its sockets are the new interface's too.
    await daemon.event('renewed', daemon.events.length);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(await isThere()).toBe(false);
  });

  it('declines an address that another host owns, and takes the next one', async () => {
    const taken = '2001:db8:1::1:0';
    await topology.client.writeSysctl(`net/ipv6/conf/${CLIENT_INTERFACE}/accept_dad`, '1');
    await topology.server.addAddress(topology.serverSocket, taken);
    const daemon = start();
    expect(addressOf(await daemon.event('bound'))).toBe(taken);
    expect(await daemon.event('lost')).toMatchObject({ reason: 'declined' });
    const count = daemon.events.findIndex(({ type }) => type === 'lost');
    const other = addressOf(await daemon.event('bound', count));
    expect(other).not.toBe(taken);
    const used = async (): Promise<boolean> =>
      new RegExp(`${other}/128 scope global (?!.*(tentative|dadfailed))`).test(
        await addressesOn(topology.client),
      );
    await until('the address without a conflict', used);
    expect(await addressesOn(topology.client)).not.toContain(taken);
    expect((await kea.leases()).map(({ address }) => address)).toContain(taken);
  });

  it('finds no trusted server: it ends with 3, and has shown no identifier', async () => {
    const { anchors } = await site.elsewhere();
    arguments_[arguments_.indexOf('--trust-anchors') + 1] = anchors;
    const capture = await site.capture();
    const daemon = await lookingLonger(
      async (timeout) => {
        const one = start('--duid', '00030001a1b2c3d4e5f6', ...timeout);
        expect(await one.process.exited).toEqual({ code: 3, signal: null });
        return one;
      },
      ({ stderr }) => stderr.includes('CN='),
    );
    expect(daemon.stderr).toMatch(/CN=dhcp\.example\.net/);
    const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
    expect(payloads.length).toBeGreaterThan(0);
    const secret = Buffer.from('00030001a1b2c3d4e5f6', 'hex');
    expect(payloads.filter((payload) => payload.includes(secret))).toEqual([]);
  });
});

describe('two of each', () => {
  const site = Site.forEachTest();

  it('a second server takes the lease over at T2; two clients on one host mind their own links', async () => {
    const { testbed, pki } = site;
    const [client, one, two] = [
      await testbed.namespace('client'),
      await testbed.namespace('one'),
      await testbed.namespace('two'),
    ];
    await testbed.link('hub', [
      [client, CLIENT_INTERFACE],
      [one, SERVER_INTERFACE],
      [two, SERVER_INTERFACE],
    ]);
    const server = async (namespace: Namespace, name: string, label: string): Promise<KeaServer> => {
      const topology = { client, server: namespace, serverSocket: SERVER_INTERFACE, relays: [] };
      const id = { type: 'EN', 'enterprise-id': 2495, identifier: label, persist: false };
      const kea = { validLifetime: 120, more: { 'server-id': id, 'renew-timer': 4, 'rebind-timer': 8 } };
      return site.start({}, { topology, label, credentials: await pki.server(name), kea });
    };
    const first = await server(one, 'one.example.net', 'AA');
    const arguments_ = await site.clientArguments();
    const daemon = RunningClient.start(client, arguments_);
    expect(await daemon.event('bound')).toMatchObject({ lease: { serverName: 'CN=one.example.net' } });
    await server(two, 'two.example.net', 'BB');
    await first.stop();
    expect(await daemon.event('rebound')).toMatchObject({ lease: { serverName: 'CN=two.example.net' } });
    expect(daemon.events.filter(({ type }) => type === 'lost')).toEqual([]);

    // The other interface has no server: its client waits, and the first one continues.
    const far = await testbed.namespace('far');
    await testbed.join(client, 'client1', far, 'eth0');
    const bareKey = arguments_.slice(2);
    const second = RunningClient.start(client, ['--interface', 'client1', ...bareKey]);
    await second.event('started');
    await daemon.event('renewed', daemon.events.length);
    expect(second.types).toEqual(['started']);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
    expect(daemon.process.isRunning).toBe(true);
  });
});
