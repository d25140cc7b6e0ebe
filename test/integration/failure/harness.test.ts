// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import {
  Capture,
  CLIENT_INTERFACE,
  ipv6Octets,
  perfdhcp,
  program,
  run,
  Running,
  SERVER_INTERFACE,
  Site,
  until,
} from '../support';

/*
 * The ground that the other integration tests stand on: real namespaces, a real Kea without the hook, a real
 * cleartext client, real relays.
 */

describe('the harness', () => {
  const site = Site.forEachTest();

  it('has Kea lease addresses and prefixes to a client on its own link', async () => {
    const { client } = await site.connect(0);
    const kea = await site.startWithoutHook();

    const report = await perfdhcp({
      namespace: client,
      clients: 20,
      exchanges: 20,
      lease: 'address-and-prefix',
    });

    expect(report.requestReply).toMatchObject({ sent: 20, received: 20, drops: 0 });
    const leases = await kea.leases();
    expect(leases.filter(({ type }) => type === 'IA_NA')).toHaveLength(20);
    expect(leases.filter(({ type }) => type === 'IA_PD')).toHaveLength(20);
    expect(new Set(leases.map(({ duid }) => duid)).size).toBe(20);
    expect(await kea.statistic('pkt6-received')).toBeGreaterThanOrEqual(40);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it.each([1, 3])('has Kea lease addresses through %d relay(s)', async (count) => {
    const extra = [37, '00000009beef'] as const;
    const { client, server, relays } = await site.connect(count, { before: [extra] });
    const capture = await Capture.start(server, SERVER_INTERFACE, site.path('server.pcap'));
    const kea = await site.startWithoutHook();

    const report = await perfdhcp({ namespace: client, clients: 10, exchanges: 10 });

    expect(report.requestReply).toMatchObject({ sent: 10, received: 10, drops: 0 });
    expect(await kea.leases()).toHaveLength(10);
    expect(relays.every(({ process }) => process.isRunning)).toBe(true);
    const forwards = (await capture.stopForDatagrams()).filter(({ payload }) => payload[0] === 12);
    expect(forwards.length).toBeGreaterThanOrEqual(20);
    for (const { payload } of forwards) {
      expect(payload[1]).toBe(count - 1);
      // RFC 8415 section 19.1.2: only the relay on the client's link names it.
      expect(payload.subarray(2, 18)).toEqual(count === 1 ? ipv6Octets('2001:db8:1::1') : Buffer.alloc(16));
    }
  });

  it('puts a fragmented datagram together again', async () => {
    const { client, server } = await site.connect(0);
    const capture = await Capture.start(server, SERVER_INTERFACE, site.path('large.pcap'));
    const sent = Buffer.alloc(5000, 'fragment ');
    const script = `require('node:dgram').createSocket('udp6').send(
      Buffer.alloc(5000, 'fragment '), 547, 'ff02::1:2%${CLIENT_INTERFACE}', () => process.exit(0))`;
    await client.runOk(process.execPath, ['-e', script]);
    await until('the frames to be written', async () => {
      const { stdout } = await run('tcpdump', ['-r', capture.file, '-n']);
      return stdout.split('frag').length > 4;
    });
    expect((await capture.stopForDatagrams()).map(({ payload }) => payload)).toEqual([sent]);
  });

  it('removes namespaces and files when the process that made them is killed', async () => {
    const victim = await site.testbed.namespace('victim');
    const directory = await mkdtemp(site.path('reaped-'));
    const script = `
      const { Reaper } = require(${JSON.stringify(program('reaper'))});
      const reaper = new Reaper();
      reaper.add('namespace', 'not-there');
      reaper.add('namespace', ${JSON.stringify(victim.name)});
      reaper.add('directory', ${JSON.stringify(directory)});
      reaper.drop('namespace', 'not-there');
      setInterval(() => process.stdout.write('ready\\n'), 50);`;
    const sleeper = victim.start('sleep', ['600']);
    const owner = new Running(process.execPath, ['-e', script]);
    await owner.waitForOutput(/ready/);

    await owner.stop('SIGKILL');

    expect(await sleeper.exited).toMatchObject({ signal: 'SIGKILL' });
    await until('the directory to go', () => !existsSync(directory));
    const { stdout } = await run('ip', ['netns', 'list']);
    expect(stdout).not.toContain(victim.name);
  });
});
