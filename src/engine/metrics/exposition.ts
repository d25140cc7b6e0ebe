// SPDX-License-Identifier: MPL-2.0

import { type HistogramCounts, latencyBounds } from './histogram';

/** The text format that Prometheus reads, version 0.0.4. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric with all its samples. Names are of letters, digits and underscores. */
export type Metric =
  | {
      readonly name: string;
      readonly help: string;
      readonly type: 'counter' | 'gauge';
      readonly samples: readonly Sample[];
    }
  | {
      readonly name: string;
      readonly help: string;
      readonly type: 'histogram';
      readonly histograms: readonly { readonly labels: Labels; readonly counts: HistogramCounts }[];
    };

export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join('');
}

function metricText(metric: Metric): string {
  const { name, help, type } = metric;
  const lines =
    metric.type === 'histogram'
      ? metric.histograms.flatMap(({ labels, counts }) => histogramLines(name, labels, counts))
      : metric.samples.map(({ labels = {}, value }) => line(name, labels, value));
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** Buckets count everything up to their bound. */
function histogramLines(name: string, labels: Labels, { buckets, sum }: HistogramCounts): string[] {
  const lines: string[] = [];
  let count = 0;
  buckets.forEach((bucket, at) => {
    count += bucket;
    const bound = latencyBounds[at];
    lines.push(
      line(`${name}_bucket`, { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, count),
    );
  });
  return [...lines, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${String(value)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
