// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import type { LoadTestResult } from '../../../src/perf';
import { CLIENT_INTERFACE, dropCounts, enginePid, Site, tree } from '../support';

/** The load generator against a real server: what it reports is what the server has counted. */
describe('kea-encryption perf', () => {
  const site = Site.forEachTest(0);

  async function perf(args: readonly string[]): Promise<LoadTestResult> {
    const command = [tree.cli, 'perf', ...args, '--json', '--timeout', '60000'];
    const { code, stdout, stderr } = await site.topology.client.runTree(process.execPath, command);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as LoadTestResult;
  }

  const direct = ['--interface', CLIENT_INTERFACE];
  const all = { started: 12, done: 12, failed: 0, drops: 0, retransmissions: 0, clients: 6 };
  const load = ['--clients', '6', '--exchanges', '12', '--duration', '300'];

  it('runs every scenario of solution A, each as often as it says', async () => {
    const authority = site.path('authority');
    await site.topology.client.runTree(process.execPath, [tree.cli, 'pki', 'init', '--directory', authority]);
    const anchors = [join(authority, 'ca.pem')];
    const kea = await site.start({ mode: 'authenticated', 'trust-anchors': anchors });
    const pids = ['--pid', String(kea.pid), String(await enginePid(kea))];
    const certified = ['--directory', authority];

    expect(await perf(['authenticate', ...direct, ...load, ...certified])).toMatchObject(all);
    expect(await kea.statistic('encryption-replied')).toBe(12);

    const fourWay = await perf(['four-way', ...direct, ...load, ...certified, ...pids]);
    expect(fourWay).toMatchObject({ ...all, latency: { median: expect.any(Number) } });
    expect(fourWay.processes.map(({ name }) => name)).toEqual(['kea-dhcp6', 'node']);
    // Each client authenticates and leases before the measurement: six times four messages more.
    expect(await kea.statistic('encryption-decrypted')).toBe(2 * (12 + 6));
    expect(await kea.leases()).toHaveLength(6);

    expect(await perf(['renew', ...direct, ...load, ...certified, '--key-type', 'P-384'])).toMatchObject(all);
    const fresh = ['renew', '--fresh-contexts', '--first', '100', ...direct, ...load, ...certified];
    expect(await perf(fresh)).toMatchObject(all);
    const rsa = ['--key-type', 'RSA-2048', '--rate', '50', '--first', '200'];
    const newcomers = await perf(['newcomer', ...direct, ...load, ...rsa, ...certified]);
    expect(newcomers).toMatchObject({ ...all, started: 6, done: 6 });

    const before = await kea.statistic('encryption-sealed');
    const warm = ['renew', '--warm-up', '60', '--first', '300', ...direct, ...load, ...certified];
    expect(await perf(warm)).toMatchObject(all);
    // Six clients get their leases, then come as many exchanges before the measurement as in it.
    expect((await kea.statistic('encryption-sealed')) - before).toBe(2 * 6 + 12 + 12);
    expect(await dropCounts(kea)).toEqual({});
  });

  it('mixes clients that speak in clear with others, of solution B too', async () => {
    const kea = await site.start({ solution: 'B' });
    const half = ['--cleartext', '50', '--solution', 'B'];
    expect(await perf(['four-way', ...direct, ...load, ...half])).toMatchObject(all);
    expect(await kea.leases()).toHaveLength(6);
    expect(await kea.statistic('encryption-received-signed-solicit')).toBe(3);
    expect(await dropCounts(kea)).toEqual({});
  });

  it('acts as the relay agent of clients that are elsewhere', async () => {
    await site.topology.client.addAddress(CLIENT_INTERFACE, '2001:db8:1::2');
    const serverSocket = `${site.topology.serverSocket}/2001:db8:1::1`;
    const kea = await site.start({}, { topology: { ...site.topology, serverSocket } });
    const relayed = ['--relay', '2001:db8:1::2', '--server', '2001:db8:1::1'];
    expect(await perf(['newcomer', ...relayed, ...load])).toMatchObject({
      ...all,
      started: 6,
      done: 6,
    });
    expect(await kea.leases()).toHaveLength(6);
  });

  it('says what is wrong with its arguments, and fails where nothing is served', async () => {
    const run = (args: readonly string[]) =>
      site.topology.client.runTree(process.execPath, [tree.cli, 'perf', ...args]);
    expect(await run(['reboot', ...direct])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"reboot" is none of authenticate, four-way, renew, newcomer'),
    });
    expect(await run(['renew'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--interface') });
    expect(await run(['renew', ...direct, '--rate', '-1'])).toMatchObject({ code: 2 });
    const unanswered = ['authenticate', ...direct, '--clients', '2', '--exchanges', '2'];
    const silent = await run([...unanswered, '--timeout', '50', '--attempts', '2', '--json']);
    expect(silent.code).toBe(1);
    expect(JSON.parse(silent.stdout)).toMatchObject({
      started: 2,
      failed: 2,
      drops: 4,
      retransmissions: 2,
    });
  });
});
