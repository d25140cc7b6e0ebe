// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { dropReasons } from '../../../src/engine/packet/drop-reasons';
import { exposition, type Metric } from '../../../src/engine/metrics/exposition';
import { addHistograms, Histogram, latencyBounds } from '../../../src/engine/metrics/histogram';
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
    metrics.count('query', metrics.begin(), drop);
    metrics.count('request', metrics.begin(), {
      action: 'reply',
      octets: Buffer.alloc(0),
      text: '',
      reason: 'timestamp-fail',
    });
    metrics.count('request', metrics.begin(), { action: 'reply', octets: Buffer.alloc(0), text: '' });
    metrics.count('answer', metrics.begin(), { action: 'replace', octets: Buffer.alloc(0) });
    metrics.count('answer', metrics.begin(), { action: 'drop', reason: 'answer-unexpected', text: '' });
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
      fc.property(
        text,
        fc.uniqueArray(fc.tuple(text, value), { selector: ([issuer]) => issuer }),
        (help, pairs) => {
          const samples = pairs.map(([issuer, each]) => ({ labels: { issuer }, value: each }));
          const metric: Metric = { name: 'a_metric', help, type: 'gauge', samples };
          expect(parseExposition(exposition([metric]))).toEqual([
            { name: 'a_metric', help, type: 'gauge', samples },
          ]);
        },
      ),
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

test.each([
  ['# HELP a \n# TYPE a gauge\na 1', 'the last line does not end'],
  ['# HELP a \n# TYPE b gauge\na 1\n', 'no type of its own'],
  ['# HELP a \n# TYPE a gauge\nb 1\n', 'no sample'],
  ['# HELP a \n# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\n', 'twice'],
  ['# HELP a \n# TYPE a gauge\na{x="\\t"} 1\n', 'no sample'],
  ['# HELP a \n# TYPE a counter\na 1\n', 'no counter'],
  ['# HELP a \n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n', 'buckets do not rise'],
  ['# HELP a \n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n', 'buckets do not end'],
  ['# HELP a \n# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n', 'buckets do not end'],
])('what these tests read the text with refuses %j', (text, reason) => {
  expect(() => parseExposition(text)).toThrow(reason);
});
