// SPDX-License-Identifier: MPL-2.0
import {
  addressOf,
  CLIENT_INTERFACE,
  prefixOf,
  RunningClient,
  type RunResult,
  Site,
  tree,
  until,
} from '../support';

/** `kea-encryption client status` beside a client that runs, has ended, or was killed. */
describe('the status of the client daemon', () => {
  const site = Site.forEachTest(0);
  let leaseFile: string;
  let arguments_: string[];

  beforeEach(async () => {
    leaseFile = site.path('lease.json');
    const options = [{ name: 'dns-servers', data: '2001:db8::53' }];
    await site.start({}, { kea: { more: { 'option-data': options } } });
    arguments_ = await site.clientArguments('--lease-file', leaseFile, '--prefix');
  });

  function status(...more: string[]): Promise<RunResult> {
    return site.topology.client.runTree(process.execPath, [
      ...[tree.cli, 'client', 'status', '--lease-file', leaseFile],
      ...more,
    ]);
  }

  it('distinguishes a client that runs, one that was killed and one that has ended', async () => {
    expect(await status()).toMatchObject({ code: 1, stdout: expect.stringMatching(/^state +none$/m) });

    const daemon = RunningClient.start(site.topology.client, arguments_);
    const bound = await daemon.event('bound');
    const told = await status('--json');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(told.stdout)).toMatchObject({
      interface: 'client0',
      state: 'bound',
      usable: true,
      client: { process: 'running', pid: daemon.pid, state: 'bound' },
      lease: {
        encrypted: true,
        serverName: 'CN=dhcp.example.net',
        addresses: [{ address: addressOf(bound) }],
        prefixes: [{ prefix: prefixOf(bound) }],
        dnsServers: ['2001:db8::53'],
      },
    });
    const { lease } = JSON.parse(told.stdout) as { lease: Record<string, number> };
    const [t1 = 0, t2 = 0, expiry = 0] = [lease['t1'], lease['t2'], lease['expiry']];
    expect([t2 - t1, expiry - t2]).toEqual([1_080_000, 720_000]);

    const second = RunningClient.start(site.topology.client, arguments_);
    expect(await second.process.exited).toEqual({ code: 1, signal: null });
    expect(second.stderr).toContain(`is in use by the client that runs as process ${daemon.pid}`);

    const release = [tree.cli, 'client', 'release', '--interface', CLIENT_INTERFACE, ...arguments_];
    const exchange = await site.topology.client.runTree(process.execPath, release);
    expect(exchange.stderr).toContain(`is in use by the client that runs as process ${daemon.pid}`);
    expect(exchange.code).toBe(1);

    await daemon.signal('KILL');
    await daemon.process.exited;
    const left = await status();
    expect(left).toMatchObject({ code: 0, stdout: expect.stringMatching(/has ended unexpectedly/) });

    const third = RunningClient.start(site.topology.client, arguments_);
    await third.event('rebound');
    await third.signal('USR2');
    await until('its release', async () => /^state +released$/m.test((await status()).stdout));
    await third.stop();
    expect(await status()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^client +none runs$/m),
    });
  });
});
