// SPDX-License-Identifier: MPL-2.0

/** Microseconds. */
export interface LatencySummary {
  readonly minimum: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly maximum: number;
}

/** @param values microseconds, at least one, in any order */
export function summariseLatencies(values: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
  return { minimum: at(0), median: at(0.5), p90: at(0.9), p99: at(0.99), maximum: at(1) };
}
