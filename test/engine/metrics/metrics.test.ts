// SPDX-License-Identifier: MPL-2.0
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { dropReasons } from '../../../src/engine/drop-reasons';
import { exposition, type Metric } from '../../../src/engine/metrics/exposition';
import { addHistograms, Histogram, latencyBounds } from '../../../src/engine/metrics/histogram';
import { MetricsServer } from '../../../src/engine/metrics/metrics-server';
import { addCounts, PacketMetrics, packetKinds } from '../../../src/engine/metrics/packet-metrics';
import { parseExposition } from './parse-exposition';

describe('a histogram', () => {
  const latencies = fc.array(fc.double({ min: 0, max: 2, noNaN: true }));

  test('counts each value in the bucket of the first bound that is not below it', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = new Histogram();
        values.forEach((value) => histogram.observe(value));
        const { buckets, sum } = histogram.counts;
        latencyBounds.forEach((bound, at) => {
          const upTo = buckets.slice(0, at + 1).reduce((total, count) => total + count, 0);
          expect(upTo).toBe(values.filter((value) => value <= bound).length);
        });
        expect(buckets.reduce((total, count) => total + count, 0)).toBe(values.length);
        expect(sum).toBeCloseTo(
          values.reduce((total, value) => total + value, 0),
          9,
        );
      }),
    );
  });

  test('of several workers is as one of all', () => {
    fc.assert(
      fc.property(fc.array(latencies), (workers) => {
        const each = workers.map((values) => {
          const histogram = new Histogram();
          values.forEach((value) => histogram.observe(value));
          return histogram.counts;
        });
        const all = new Histogram();
        workers.flat().forEach((value) => all.observe(value));
        expect(addHistograms(each).buckets).toEqual(all.counts.buckets);
      }),
    );
  });
});

describe("a worker's packets", () => {
  test('are counted by kind, fate and reason', () => {
    let time = 0;
    const metrics = new PacketMetrics(() => (time += 1));
    const drop = { action: 'drop', reason: 'replayed', text: '' } as const;
    metrics.received('query', metrics.begin(), drop);
    metrics.received('request', metrics.begin(), {
      action: 'reply',
      octets: Buffer.alloc(0),
      text: '',
      reason: 'timestamp-fail',
    });
    metrics.received('request', metrics.begin(), { action: 'reply', octets: Buffer.alloc(0), text: '' });
    metrics.answered(metrics.begin(), { action: 'replace', octets: Buffer.alloc(0) });
    metrics.answered(metrics.begin(), { action: 'drop', reason: 'answer-unexpected', text: '' });
    const counts = addCounts([metrics.counts, metrics.counts]);
    expect(counts.verdicts).toEqual([0, 4, 2]);
    expect(counts.sealed).toBe(2);
    const reasons = dropReasons.filter((_, at) => (counts.reasons[at] ?? 0) > 0);
    expect(new Set(reasons)).toEqual(new Set(['replayed', 'timestamp-fail', 'answer-unexpected']));
    const totals = counts.latencies.map(({ buckets }) => buckets.reduce((sum, count) => sum + count, 0));
    expect(Object.fromEntries(packetKinds.map((kind, at) => [kind, totals[at]]))).toEqual({
      request: 4,
      solicit: 0,
      'opening-query': 0,
      query: 2,
      other: 0,
      answer: 4,
    });
  });
});

describe('the exposition', () => {
  test('can be read again, whatever is in labels and help', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    // Zero has no sign in the text.
    const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0);
    fc.assert(
      fc.property(text, fc.array(fc.tuple(text, value)), (help, pairs) => {
        const samples = pairs.map(([issuer, each]) => ({ labels: { issuer }, value: each }));
        const metric: Metric = { name: 'a_metric', help, type: 'gauge', samples };
        expect(parseExposition(exposition([metric]))).toEqual([
          { name: 'a_metric', help, type: 'gauge', samples },
        ]);
      }),
    );
  });

  test('of a histogram counts up to each bound, and all at the end', () => {
    const histogram = new Histogram();
    [20e-6, 0.003, 9].forEach((value) => histogram.observe(value));
    const labels = { kind: 'query' };
    const [metric] = parseExposition(
      exposition([
        { name: 'h', help: '', type: 'histogram', histograms: [{ labels, counts: histogram.counts }] },
      ]),
    );
    const bucket = (le: string): number | undefined =>
      metric?.samples.find((sample) => sample.labels['le'] === le)?.value;
    expect([bucket('0.000025'), bucket('0.0025'), bucket('0.005'), bucket('0.5'), bucket('+Inf')]).toEqual([
      1, 1, 2, 2, 3,
    ]);
    expect(metric?.samples.slice(-2).map(({ name, value }) => [name, value])).toEqual([
      ['h_sum', 9.00302],
      ['h_count', 3],
    ]);
  });
});

describe('the server', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'metrics-'));
    path = join(directory, 'socket');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function ask(method: string, target: string, render = 'a 1\n'): Promise<[number | undefined, string]> {
    return withServer(
      () => Promise.resolve(render),
      () =>
        new Promise((resolve, reject) => {
          request({ socketPath: path, method, path: target, agent: false }, (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (more: string) => (text += more));
            response.on('end', () => {
              resolve([response.statusCode, text]);
            });
          })
            .on('error', reject)
            .end();
        }),
    );
  }

  async function withServer<T>(render: () => Promise<string>, use: () => Promise<T>): Promise<T> {
    const server = await MetricsServer.start({ socket: path }, render);
    try {
      return await use();
    } finally {
      server.close();
    }
  }

  test('answers what it is for, and nothing else', async () => {
    expect(await ask('GET', '/metrics')).toEqual([200, 'a 1\n']);
    expect(await ask('GET', '/metrics?name=a')).toEqual([200, 'a 1\n']);
    expect(await ask('GET', '/')).toEqual([404, 'there is only /metrics\n']);
    expect(await ask('POST', '/metrics')).toEqual([405, 'only GET\n']);
  });

  test('lets nobody else connect, takes the place of a socket that is dead, and not of one in use', async () => {
    await withServer(
      () => Promise.resolve(''),
      async () => {
        expect(statSync(path).mode & 0o777).toBe(0o660);
        await expect(MetricsServer.start({ socket: path }, () => Promise.resolve(''))).rejects.toThrow(
          /^"metrics\.socket" is ".*": the engine cannot listen there: .*EADDRINUSE/,
        );
      },
    );
    expect(await ask('GET', '/metrics')).toEqual([200, 'a 1\n']);
    writeFileSync(path, 'no socket');
    await expect(MetricsServer.start({ socket: path }, () => Promise.resolve(''))).rejects.toThrow(
      /EADDRINUSE/,
    );
  });

  test('listens on the loopback addresses alone', async () => {
    const port = await freePort();
    const server = await MetricsServer.start({ port }, () => Promise.resolve(''));
    const reaches = (host: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({ host, port }, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => {
          resolve(false);
        });
      });
    try {
      expect([await reaches('127.0.0.1'), await reaches('::1')]).toEqual([true, true]);
      expect(await reaches('127.0.0.2')).toBe(false);
    } finally {
      server.close();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
