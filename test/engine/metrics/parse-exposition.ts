// SPDX-License-Identifier: MPL-2.0

export interface ReadSample {
  /** Only where it is not the metric's own: `NAME_bucket` and the like. */
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

const SAMPLE = /^([a-z][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;
const LABEL = /([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"/g;

const unescaped = (text: string): string =>
  text.replace(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));

/** Reads Prometheus's text format, version 0.0.4, and refuses everything that is not exactly that. */
export function parseExposition(text: string): ReadMetric[] {
  const metrics: { name: string; help: string; type: string; samples: ReadSample[] }[] = [];
  const seen = new Set<string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') {
    throw new Error('the last line does not end');
  }
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, name, help] = /^# HELP ([a-z][a-z0-9_]*) (.*)$/s.exec(line) ?? [];
    if (name !== undefined && help !== undefined) {
      const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[++at] ?? '') ?? [];
      if (typed !== name || type === undefined || metrics.some((other) => other.name === name)) {
        throw new Error(`no type of its own: ${name}`);
      }
      metrics.push({ name, help: unescaped(help), type, samples: [] });
      continue;
    }
    const [, sample = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    const metric = metrics.at(-1);
    if (metric === undefined || !namesOf(metric).includes(sample) || Number.isNaN(Number(value))) {
      throw new Error(`no sample: ${JSON.stringify(line)}`);
    }
    const pairs = [...labels.matchAll(LABEL)].map(([, label = '', each = '']) => [label, unescaped(each)]);
    if (new Set(pairs.map(([label]) => label)).size !== pairs.length || seen.has(`${sample}{${labels}`)) {
      throw new Error(`twice: ${JSON.stringify(line)}`);
    }
    seen.add(`${sample}{${labels}`);
    metric.samples.push({
      ...(sample !== metric.name && { name: sample }),
      labels: Object.fromEntries(pairs) as Record<string, string>,
      value: Number(value),
    });
  }
  metrics.forEach(checkValues);
  return metrics;
}

function namesOf({ name, type }: ReadMetric): string[] {
  return type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name];
}

/** What a scraper takes for granted: counters are not below zero, buckets rise up to the count of all. */
function checkValues({ name, type, samples }: ReadMetric): void {
  if (type === 'counter' && (!name.endsWith('_total') || samples.some(({ value }) => value < 0))) {
    throw new Error(`no counter: ${name}`);
  }
  if (type !== 'histogram') {
    return;
  }
  let bound = -Infinity;
  let count = 0;
  for (const { name: part, labels, value } of samples) {
    if (part === `${name}_bucket`) {
      const next = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
      if (!(next > bound) || value < count) {
        throw new Error(`buckets do not rise: ${name}`);
      }
      [bound, count] = [next, value];
    } else if (bound !== Infinity || value < 0 || (part === `${name}_count` && value !== count)) {
      throw new Error(`buckets do not end: ${name}`);
    } else if (part === `${name}_count`) {
      [bound, count] = [-Infinity, 0];
    }
  }
  if (bound !== -Infinity) {
    throw new Error(`no count: ${name}`);
  }
}
