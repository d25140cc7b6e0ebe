// SPDX-License-Identifier: MPL-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Capture,
  CLIENT_INTERFACE,
  createTopology,
  hookedKea,
  KeaServer,
  type Namespace,
  type Running,
  Testbed,
  TestPki,
  type Topology,
  tree,
  until,
} from './support';

jest.setTimeout(180_000);

const lifetime = 8;

interface DaemonEvent {
  readonly type: string;
  readonly reason?: string;
  readonly up?: boolean;
  readonly lease?: {
    readonly addresses: readonly { readonly items: readonly { readonly address: string }[] }[];
    readonly prefixes: readonly { readonly items: readonly { readonly prefix: string }[] }[];
  };
}

function eventsOf({ stdout }: Running): DaemonEvent[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as DaemonEvent);
}

function event(daemon: Running, type: string, after = 0): Promise<DaemonEvent> {
  return until(
    `the event ${type} after ${after} others`,
    () => {
      if (!daemon.isRunning && !daemon.stdout.includes(`"${type}"`)) {
        throw new Error(`the client has ended: ${daemon.outcome()}`);
      }
      return eventsOf(daemon)
        .slice(after)
        .find((one) => one.type === type);
    },
    60_000,
  );
}

function addressOf({ lease }: DaemonEvent): string {
  return lease?.addresses[0]?.items[0]?.address ?? '';
}

/** `kea-encryption client run` against Kea, with lifetimes short enough to live through (RFC 8415 section 18.2). */
describe('the client that goes on', () => {
  let testbed: Testbed;
  let topology: Topology;
  let kea: KeaServer;
  let pki: TestPki;
  let arguments_: string[];

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
    topology = await createTopology(testbed, 0);
    const options = await hookedKea(testbed, topology, { pki, credentials: await pki.server() });
    kea = await KeaServer.start({ ...options, validLifetime: lifetime });
    const credentials = await pki.client();
    arguments_ = ['--interface', CLIENT_INTERFACE, '--json', '--certificate', credentials.certificate];
    arguments_.push('--private-key', credentials.privateKey, '--trust-anchors', pki.anchors);
    arguments_.push('--lease-file', join(testbed.directory, 'lease.json'));
  });

  afterEach(() => testbed.close());

  function start(...more: string[]): Running {
    return topology.client.startTree(process.execPath, [tree.cli, 'client', 'run', ...arguments_, ...more]);
  }

  async function addressesOn(interfaceName: string, host = topology.client): Promise<string> {
    return host.runOk('ip', ['-6', 'address', 'show', 'dev', interfaceName, 'scope', 'global']);
  }

  it('puts the address on the interface, renews it at T1 beyond its life, and releases it at the end', async () => {
    const daemon = start();
    const address = addressOf(await event(daemon, 'bound'));
    await until('the address', async () => (await addressesOn(CLIENT_INTERFACE)).includes(address));
    for (let renewals = 1; renewals <= 3; renewals += 1) {
      await until(
        `renewal ${renewals}`,
        () => eventsOf(daemon).filter(({ type }) => type === 'renewed').length >= renewals,
        60_000,
      );
    }
    expect(eventsOf(daemon).filter(({ type }) => type === 'lost')).toEqual([]);
    expect(await addressesOn(CLIENT_INTERFACE)).toContain(address);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(await addressesOn(CLIENT_INTERFACE)).not.toContain(address);
    expect(eventsOf(daemon).slice(-2)).toMatchObject([
      { type: 'lost', reason: 'released' },
      { type: 'stopped' },
    ]);
    expect((await kea.leases()).filter(({ address: leased }) => leased === address)).toEqual([]);
  });

  it('loses the address at the end of its life where no server answers, and gets one when there is one again', async () => {
    const daemon = start();
    const address = addressOf(await event(daemon, 'bound'));
    await kea.stop();
    expect(await event(daemon, 'lost')).toMatchObject({ reason: 'expired' });
    await until('its removal', async () => !(await addressesOn(CLIENT_INTERFACE)).includes(address));
    await kea.launch();
    const count = eventsOf(daemon).length;
    expect(addressOf(await event(daemon, 'bound', count - 1))).toBe(address);
  });

  it('confirms a kept lease at the next start, and the link that comes back', async () => {
    const first = start('--no-release');
    const address = addressOf(await event(first, 'bound'));
    await first.stop();
    expect(await addressesOn(CLIENT_INTERFACE)).toContain(address);
    const second = start();
    expect(addressOf(await event(second, 'confirmed'))).toBe(address);
    const set = (state: string): Promise<string> =>
      topology.server.runOk('ip', ['link', 'set', 'dev', topology.serverSocket, state]);
    await set('down');
    const count = eventsOf(second).length;
    expect(await event(second, 'link', count - 1)).toMatchObject({ up: false });
    await set('up');
    await until('the link', () =>
      eventsOf(second)
        .slice(count)
        .some(({ type, up }) => type === 'link' && up),
    );
    await second.stop();
  });

  it('SIGUSR1 renews at once; SIGUSR2 gives the lease back until SIGUSR1', async () => {
    const daemon = start();
    await event(daemon, 'bound');
    const child = await until('the node process', async () => {
      const pids = await topology.client.runOk('pgrep', ['-P', String(daemon.pid)]).catch(() => '');
      return pids.trim() === '' ? String(daemon.pid) : pids.trim();
    });
    const signal = (name: string): Promise<string> => topology.client.runOk('kill', [`-${name}`, child]);
    await signal('USR1');
    await event(daemon, 'renewed');
    await signal('USR2');
    expect(await event(daemon, 'lost')).toMatchObject({ reason: 'released' });
    const count = eventsOf(daemon).length;
    await signal('USR1');
    await event(daemon, 'bound', count);
  });

  it("tells a script in odhcp6c's words, and nothing of its own environment", async () => {
    const log = join(testbed.directory, 'script.log');
    const script = join(testbed.directory, 'script.sh');
    await writeFile(script, `#!/bin/sh\necho "$1 $2 [$ADDRESSES] [$HOME]" >> ${log}\n`, { mode: 0o755 });
    const daemon = start('--script', script);
    const address = addressOf(await event(daemon, 'bound'));
    await event(daemon, 'renewed');
    await daemon.stop();
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    expect(lines.map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['started', 'bound', 'updated', 'unbound', 'stopped']),
    );
    expect(lines.find((line) => line.includes(' bound '))).toBe(`client0 bound [${address}/128,6,8] []`);
  });

  it('delegates a prefix to a downstream network, and its traffic passes', async () => {
    const host = await testbed.namespace('host');
    await testbed.join(topology.client, 'lan0', host, 'eth0');
    await topology.client.writeSysctl('net/ipv6/conf/all/forwarding', '1');
    const daemon = start('--prefix', '--downstream', 'lan0/2');
    const { lease } = await event(daemon, 'bound');
    const prefix = lease?.prefixes[0]?.items[0]?.prefix ?? '';
    const groups = prefix.replace('::/56', '').split(':');
    const lan = `${groups.slice(0, 3).join(':')}:${(Number.parseInt(groups[3] ?? '0', 16) | 2).toString(16)}::`;
    await until('the downstream address', async () =>
      (await addressesOn('lan0', topology.client)).includes(`${lan}1/64`),
    );
    await host.addAddress('eth0', `${lan}99`);
    await host.addRoute('default', `${lan}1`);
    // What a router advertisement would say: the link's prefix.
    await topology.client.runOk('ip', ['-6', 'route', 'add', '2001:db8:1::/64', 'dev', CLIENT_INTERFACE]);
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
    expect(await addressesOn('lan0', topology.client)).not.toContain(lan);
    expect(await topology.client.runOk('ip', ['-6', 'route', 'show'])).not.toContain(prefix);
  });

  it('declines an address that another host owns, and takes the next one', async () => {
    const taken = '2001:db8:1::1:0';
    await topology.client.writeSysctl(`net/ipv6/conf/${CLIENT_INTERFACE}/accept_dad`, '1');
    await topology.server.addAddress(topology.serverSocket, taken);
    const daemon = start();
    expect(addressOf(await event(daemon, 'bound'))).toBe(taken);
    expect(await event(daemon, 'lost')).toMatchObject({ reason: 'declined' });
    const count = eventsOf(daemon).findIndex(({ type }) => type === 'lost');
    const other = addressOf(await event(daemon, 'bound', count));
    expect(other).not.toBe(taken);
    const used = async (): Promise<boolean> =>
      new RegExp(`${other}/128 scope global (?!.*(tentative|dadfailed))`).test(
        await addressesOn(CLIENT_INTERFACE),
      );
    await until('the address without a conflict', used);
    expect(await addressesOn(CLIENT_INTERFACE)).not.toContain(taken);
    expect((await kea.leases()).map(({ address }) => address)).toContain(taken);
  });

  it('finds nobody it can trust: it ends with 3, and has shown no identifier', async () => {
    const stranger = await TestPki.create(join(testbed.directory, 'stranger'));
    arguments_[arguments_.indexOf('--trust-anchors') + 1] = stranger.anchors;
    const capture = await Capture.start(
      topology.client,
      CLIENT_INTERFACE,
      join(testbed.directory, 'run.pcap'),
    );
    const daemon = start('--timeout', '3', '--duid', '00030001a1b2c3d4e5f6');
    expect(await daemon.exited).toEqual({ code: 3, signal: null });
    expect(daemon.stderr).toMatch(/CN=dhcp\.example\.net/);
    const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
    expect(payloads.length).toBeGreaterThan(0);
    const secret = Buffer.from('00030001a1b2c3d4e5f6', 'hex');
    expect(payloads.filter((payload) => payload.includes(secret))).toEqual([]);
  });
});

describe('two of each', () => {
  let testbed: Testbed;

  beforeEach(async () => {
    testbed = await Testbed.create();
  });

  afterEach(() => testbed.close());

  it('a second server takes the lease over at T2; two clients on one host mind their own links', async () => {
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const [client, one, two] = [
      await testbed.namespace('client'),
      await testbed.namespace('one'),
      await testbed.namespace('two'),
    ];
    const hosts = [
      [client, CLIENT_INTERFACE],
      [one, 'server0'],
      [two, 'server0'],
    ] as const;
    await testbed.link('hub', hosts);
    const server = async (namespace: Namespace, name: string, identifier: string): Promise<KeaServer> => {
      const topology = { client, server: namespace, serverSocket: 'server0', relays: [] };
      const state = join(testbed.directory, `state-${identifier}`);
      await mkdir(state);
      const options = await hookedKea(testbed, topology, {
        pki,
        credentials: await pki.server(name),
        parameters: { 'state-directory': state },
      });
      const id = { type: 'EN', 'enterprise-id': 2495, identifier, persist: false };
      const directory = join(testbed.directory, `kea-${identifier}`);
      return KeaServer.start({ ...options, directory, validLifetime: 16, more: { 'server-id': id } });
    };
    const first = await server(one, 'one.example.net', 'AA');
    const credentials = await pki.client();
    const daemon = client.startTree(process.execPath, [
      ...[tree.cli, 'client', 'run', '--interface', CLIENT_INTERFACE, '--json'],
      ...['--certificate', credentials.certificate, '--private-key', credentials.privateKey],
      ...['--trust-anchors', pki.anchors],
    ]);
    expect(await event(daemon, 'bound')).toMatchObject({ lease: { serverName: 'CN=one.example.net' } });
    await server(two, 'two.example.net', 'BB');
    await first.stop();
    expect(await event(daemon, 'rebound')).toMatchObject({ lease: { serverName: 'CN=two.example.net' } });
    expect(eventsOf(daemon).filter(({ type }) => type === 'lost')).toEqual([]);

    // The other interface has no server: its client waits, and the first one goes on.
    const far = await testbed.namespace('far');
    await testbed.join(client, 'client1', far, 'eth0');
    const second = client.startTree(process.execPath, [
      ...[tree.cli, 'client', 'run', '--interface', 'client1', '--json'],
      ...['--private-key', credentials.privateKey, '--trust-anchors', pki.anchors],
    ]);
    await event(second, 'started');
    await event(daemon, 'renewed', eventsOf(daemon).length);
    expect(eventsOf(second).map(({ type }) => type)).toEqual(['started']);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
    expect(daemon.isRunning).toBe(true);
  });
});
