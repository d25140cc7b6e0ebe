// SPDX-License-Identifier: MPL-2.0

/** How often everything is measured: the environment's ROUNDS, else five. */
export const rounds = Number(process.env['ROUNDS'] ?? 5);

/** Repeated measurements by name. The n-th values of two names come from the same round, so their ratio is of one machine. */
export class Samples {
  private readonly values = new Map<string, number[]>();

  add(name: string, value: number): void {
    this.values.set(name, [...this.of(name), value]);
  }

  of(name: string): readonly number[] {
    return this.values.get(name) ?? [];
  }

  /** Round by round. */
  ratio(name: string, other: string): number[] {
    return this.of(name).map((value, round) => value / (this.of(other)[round] ?? NaN));
  }

  /** Round by round. */
  difference(name: string, other: string): number[] {
    return this.of(name).map((value, round) => value - (this.of(other)[round] ?? NaN));
  }
}
