// SPDX-License-Identifier: MPL-2.0
import { stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:http';
import { parseExposition, type ReadMetric } from '../../engine/metrics/parse-exposition';
import { KnownServer, Party } from '../attacks/support/party';
import { member } from '../attacks/support/signers';
import { Wire } from '../attacks/support/wire';
import {
  CLIENT_INTERFACE,
  dropCounts,
  enginePid,
  leaseOk,
  Site,
  until,
  totalDrops,
  untilDropped,
  type KeaServer,
  type RunResult,
} from '../support';

const SCRAPER = `
  const request = require('node:http').get(JSON.parse(process.argv[1]), (response) => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
    process.stderr.write(String(response.statusCode));
    response.pipe(process.stdout);
  });
  request.on('error', () => process.exit(2));`;

/** docs/monitoring.md: what the engine tells Prometheus is what Kea has counted. */
describe('metrics', () => {
  const site = Site.forEachTest(0);

  /** As a scraper on the server's host. */
  function get(kea: KeaServer, where: RequestOptions): Promise<RunResult> {
    return kea.run(process.execPath, ['-e', SCRAPER, JSON.stringify({ path: '/metrics', ...where })]);
  }

  async function scrape(kea: KeaServer, where: RequestOptions): Promise<Map<string, ReadMetric>> {
    const text = await until('metrics', async () => {
      const { code, stdout } = await get(kea, where);
      return code === 0 ? stdout : undefined;
    });
    return new Map(
      parseExposition(text).map((metric) => [metric.name.replace('kea_encryption_', ''), metric]),
    );
  }

  function values(metric: ReadMetric | undefined, label: string): Record<string, number> {
    const pairs = (metric?.samples ?? []).map(({ labels, value }) => [labels[label] ?? '', value] as const);
    return Object.fromEntries(pairs.filter(([, value]) => value > 0));
  }

  it('over a socket agree with the statistics and commands of Kea', async () => {
    const socket = site.path('metrics.sock');
    const credentials = await site.pki.server();
    const kea = await site.start({ metrics: { socket }, engine: { workers: 2 } }, { credentials });
    // Clients that send nothing more than once, and have had all their answers when the figures are read.
    const wire = await Wire.open(site.testbed, site.topology.client);
    const signer = await member(site.pki.authority);
    const server = KnownServer.of(credentials);
    const client = new Party(wire, await wire.client('fe80::1:1'), signer, server);
    await client.authenticate('A');
    await client.lease();
    const strangers = await member((await site.elsewhere()).authority);
    const sender = await wire.client('fe80::1:2');
    const stranger = new Party(wire, sender, strangers, server);
    await wire.send([stranger.authentication('A')], sender);
    await untilDropped(kea, 'authentication-fail');

    const metrics = await scrape(kea, { socketPath: socket });

    const [replied, decrypted] = [
      await kea.statistic('encryption-replied'),
      await kea.statistic('encryption-decrypted'),
    ];
    const drops = await dropCounts(kea);
    const dropped = totalDrops(drops);
    expect(dropped).toBeGreaterThan(0);
    expect(values(metrics.get('verdicts_total'), 'verdict')).toEqual({
      replace: decrypted,
      // The stranger's message is refused and reported.
      reply: replied,
    });
    expect(values(metrics.get('failures_total'), 'reason')).toEqual(drops);
    expect(metrics.get('sealed_total')?.samples[0]?.value).toBe(await kea.statistic('encryption-sealed'));
    const counts = metrics
      .get('duration_seconds')
      ?.samples.filter(({ name }) => name?.endsWith('_count') === true);
    const perKind = Object.fromEntries((counts ?? []).map(({ labels, value }) => [labels['kind'], value]));
    expect(perKind).toMatchObject({ request: replied, 'opening-query': 1, query: decrypted - 1 });
    for (const [name, value] of [
      ['keys', 1],
      ['contexts', 1],
      ['workers', 2],
    ] as const) {
      expect([name, metrics.get(name)?.samples.map((sample) => sample.value)]).toEqual([name, [value]]);
    }
    expect((await stat(socket)).mode & 0o777).toBe(0o660);
    await kea.stop();
  });

  it('on a port are served on the loopback addresses, and anew after a reload', async () => {
    const kea = await site.start({ metrics: { port: 9547 } });
    await kea.run('ip', ['link', 'set', 'lo', 'up']);
    const at = (host: string): RequestOptions => ({ host, port: 9547 });
    expect((await scrape(kea, at('127.0.0.1'))).has('info')).toBe(true);
    expect((await scrape(kea, at('::1'))).has('info')).toBe(true);
    expect((await get(kea, at('2001:db8:1::1'))).code).toBe(2);
    expect(await kea.command('config-reload')).toMatchObject({ result: 0 });
    expect((await scrape(kea, at('127.0.0.1'))).has('info')).toBe(true);
    await kea.stop();
  });

  it('answer nothing else, and come back after an engine that was killed and left its socket behind', async () => {
    const socketPath = site.path('metrics.sock');
    const kea = await site.start({ metrics: { socket: socketPath } });
    const started = valueOf(await scrape(kea, { socketPath }), 'start_time_seconds');
    expect((await get(kea, { socketPath, path: '/' })).stderr).toBe('404');
    expect((await get(kea, { socketPath, method: 'POST' })).stderr).toBe('405');

    process.kill(await enginePid(kea), 'SIGKILL');

    await until('metrics of another engine', async () => {
      const { code, stdout } = await get(kea, { socketPath });
      return code === 0 && !stdout.includes(`kea_encryption_start_time_seconds ${String(started)}\n`);
    });
    expect((await stat(socketPath)).mode & 0o777).toBe(0o660);
    expect(await kea.stop()).toMatchObject({ code: 0 });
    await expect(stat(socketPath)).rejects.toThrow('ENOENT');
  });

  it('stay with the session that serves them, while another comes, tells why it does not, and goes', async () => {
    const socketPath = site.path('metrics.sock');
    const metrics = { socket: socketPath };
    const kea = await site.start({ metrics });
    const started = valueOf(await scrape(kea, { socketPath }), 'start_time_seconds');

    const { client } = site.topology;
    const topology = { ...site.topology, server: client, serverSocket: CLIENT_INTERFACE };
    const credentials = await site.pki.server('second.example.net');
    const second = await site.start({ metrics }, { topology, credentials, label: 'second' });
    await until('the refusal', () =>
      second.log.includes(
        `"metrics.socket" is ${JSON.stringify(socketPath)}: the engine cannot listen there`,
      ),
    );
    expect(valueOf(await scrape(kea, { socketPath }), 'start_time_seconds')).toBe(started);
    expect(await second.stop()).toMatchObject({ code: 0 });

    expect(valueOf(await scrape(kea, { socketPath }), 'start_time_seconds')).toBe(started);
    expect(kea.log).not.toContain('metrics.socket');
    await kea.stop();
  });

  it('begin when the port that was taken is free, and no client waits for that', async () => {
    await site.topology.server.run('ip', ['link', 'set', 'lo', 'up']);
    const program = `require('node:net').createServer().listen(9547, '127.0.0.1', () => console.log('listens'))`;
    const holder = site.topology.server.start(process.execPath, ['-e', program]);
    await holder.waitForOutput(/listens/);
    const kea = await site.start({ metrics: { port: 9547 } });
    await until('the refusal', () =>
      kea.log.includes('"metrics.port" is 9547: the engine cannot listen there'),
    );
    // One of the two addresses was free, and is not kept.
    expect((await get(kea, { host: '::1', port: 9547 })).code).toBe(2);
    await leaseOk('lease', await site.client());

    await holder.stop();

    expect((await scrape(kea, { host: '127.0.0.1', port: 9547 })).has('info')).toBe(true);
    await until('the note', () => kea.log.includes('Metrics are served now.'));
    await kea.stop();
  });
});

function valueOf(metrics: Map<string, ReadMetric>, name: string): number | undefined {
  return metrics.get(name)?.samples[0]?.value;
}
