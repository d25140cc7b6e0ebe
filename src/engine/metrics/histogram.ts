// SPDX-License-Identifier: MPL-2.0

/** Upper bounds in seconds; what is above the last one counts in all only. */
export const latencyBounds = [
  25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3,
] as const;

/** What a histogram has counted, as it travels between threads and adds up. */
export interface HistogramCounts {
  /** For each bound how many were above the one before it and not above it; the last is for those above all. */
  readonly buckets: readonly number[];
  /** Seconds, all together. */
  readonly sum: number;
}

/** A histogram of latencies. */
export class Histogram {
  private readonly buckets = new Array<number>(latencyBounds.length + 1).fill(0);
  private sum = 0;

  /** @param seconds below zero where a clock was wrong: counted as zero */
  observe(seconds: number): void {
    let at = 0;
    while (at < latencyBounds.length && seconds > (latencyBounds[at] ?? 0)) {
      at += 1;
    }
    this.buckets[at] = (this.buckets[at] ?? 0) + 1;
    this.sum += Math.max(0, seconds);
  }

  get counts(): HistogramCounts {
    return { buckets: [...this.buckets], sum: this.sum };
  }
}

export function addHistograms(counts: readonly HistogramCounts[]): HistogramCounts {
  const buckets = new Array<number>(latencyBounds.length + 1).fill(0);
  for (const one of counts) {
    one.buckets.forEach((count, at) => {
      buckets[at] = (buckets[at] ?? 0) + count;
    });
  }
  return { buckets, sum: counts.reduce((sum, one) => sum + one.sum, 0) };
}
