// SPDX-License-Identifier: MPL-2.0

import type { Environment } from './environment';

/** The deadline of an exchange with all its parts: finding servers, and an exchange with one after the other. */
export class Attempt {
  private end = Number.POSITIVE_INFINITY;

  /** @param limit milliseconds from {@link begin} on; undefined for no bound */
  constructor(
    private readonly environment: Pick<Environment, 'monotonic'>,
    private readonly limit: number = Number.POSITIVE_INFINITY,
  ) {}

  begin(): void {
    this.end = this.environment.monotonic() + this.limit;
  }

  isOver(): boolean {
    return this.environment.monotonic() >= this.end;
  }

  /** The earlier of a moment of the monotonic clock and the end. */
  bounded(until: number): number {
    return Math.min(until, this.end);
  }
}
