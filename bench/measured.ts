// SPDX-License-Identifier: MPL-2.0

/** Repeated measurements of one quantity. */
export interface Measured {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

export function summarise(values: readonly number[]): Measured {
  return { median: quantile(values, 0.5), minimum: Math.min(...values), maximum: Math.max(...values) };
}

/** @param values in any order */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** One row of the table and of results.json. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: Measured;
}

export function figure(name: string, unit: string, values: readonly number[]): Figure {
  return { name, unit, value: summarise(values) };
}
