// SPDX-License-Identifier: MPL-2.0
import { stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:http';
import { join } from 'node:path';
import { parseExposition, type ReadMetric } from '../engine/metrics/parse-exposition';
import {
  createTopology,
  dropCounts,
  encryptedClient,
  hookedKea,
  KeaServer,
  leaseOk,
  Testbed,
  TestPki,
  until,
  type KeaObject,
  type Topology,
} from './support';

jest.setTimeout(120_000);

const SERVER_NAME = 'dhcp.example.net';

const SCRAPER = `
  const request = require('node:http').get(JSON.parse(process.argv[1]), (response) => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
    response.pipe(process.stdout);
  });
  request.on('error', () => process.exit(2));`;

/** docs/monitoring.md: what the engine tells Prometheus is what Kea has counted. */
describe('metrics', () => {
  let testbed: Testbed;
  let topology: Topology;
  let pki: TestPki;

  beforeEach(async () => {
    testbed = await Testbed.create();
    topology = await createTopology(testbed, 0);
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function start(parameters: KeaObject): Promise<KeaServer> {
    const credentials = await pki.server(SERVER_NAME);
    return KeaServer.start(await hookedKea(testbed, topology, { pki, credentials, parameters }));
  }

  /** As a scraper on the server's host. */
  function get(kea: KeaServer, where: RequestOptions): Promise<{ code: number; stdout: string }> {
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
    const socket = join(testbed.directory, 'metrics.sock');
    const kea = await start({ metrics: { socket } });
    const client = {
      topology,
      anchors: pki.anchors,
      credentials: await pki.client(),
      serverName: SERVER_NAME,
    };
    await leaseOk('lease', { ...client, leaseFile: join(testbed.directory, 'lease.json') });
    const elsewhere = await TestPki.create(join(testbed.directory, 'elsewhere'));
    await encryptedClient('lease', {
      ...client,
      credentials: await elsewhere.client(),
      more: ['--timeout', '1'],
    });

    const metrics = await scrape(kea, { socketPath: socket });

    const [replied, decrypted] = [
      await kea.statistic('encryption-replied'),
      await kea.statistic('encryption-decrypted'),
    ];
    const drops = await dropCounts(kea);
    const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
    expect(dropped).toBeGreaterThan(0);
    expect(values(metrics.get('verdicts_total'), 'verdict')).toEqual({
      replace: decrypted,
      reply: replied,
      drop: dropped,
    });
    expect(values(metrics.get('failures_total'), 'reason')).toEqual(drops);
    expect(metrics.get('sealed_total')?.samples[0]?.value).toBe(await kea.statistic('encryption-sealed'));
    const counts = metrics
      .get('duration_seconds')
      ?.samples.filter(({ name }) => name?.endsWith('_count') === true);
    const perKind = Object.fromEntries((counts ?? []).map(({ labels, value }) => [labels['kind'], value]));
    expect(perKind).toMatchObject({ request: replied + dropped, 'opening-query': 1, query: decrypted - 1 });
    for (const [name, value] of [
      ['keys', 1],
      ['bindings', 1],
      ['contexts', 1],
      ['workers', 2],
    ] as const) {
      expect([name, metrics.get(name)?.samples.map((sample) => sample.value)]).toEqual([name, [value]]);
    }
    expect((await stat(socket)).mode & 0o777).toBe(0o660);
    await kea.stop();
  });

  it('on a port are served on the loopback addresses, and anew after a reload', async () => {
    const kea = await start({ metrics: { port: 9547 } });
    await kea.run('ip', ['link', 'set', 'lo', 'up']);
    const at = (host: string): RequestOptions => ({ host, port: 9547 });
    expect((await scrape(kea, at('127.0.0.1'))).has('info')).toBe(true);
    expect((await scrape(kea, at('::1'))).has('info')).toBe(true);
    expect((await get(kea, at('2001:db8:1::1'))).code).toBe(2);
    expect(await kea.command('config-reload')).toMatchObject({ result: 0 });
    expect((await scrape(kea, at('127.0.0.1'))).has('info')).toBe(true);
    await kea.stop();
  });
});
