// SPDX-License-Identifier: MPL-2.0

import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadCounts } from './load-counts';
import type { Scenario } from './scenario';
import type { SimulatedClient } from './simulated-client';

export interface LoadLimits {
  /** Exchanges a second; undefined: as fast as they are answered. */
  readonly rate: number | undefined;
  /** Exchanges at the same time, at most. */
  readonly inFlight: number;
  /** Seconds; after them no exchange begins. */
  readonly duration: number;
  /** Number of exchanges after which none begins either. */
  readonly exchanges: number;
}

/** Seconds of exchanges that a fixed rate may owe and catch up with. */
const MAX_BACKLOG = 0.5;

/**
 * Brings the clients into the state that the scenario starts from, `inFlight` at a time.
 * @returns those that got there
 */
export async function prepareClients(
  clients: readonly SimulatedClient[],
  scenario: Scenario,
  inFlight: number,
): Promise<SimulatedClient[]> {
  const ready: SimulatedClient[] = [];
  const rest = clients[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      if (await scenario.prepare(next.value)) {
        ready.push(next.value);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, clients.length) }, work));
  return ready;
}

/** Runs a scenario over a set of clients that take turns. */
export class LoadRun {
  /** Microseconds of each exchange that was served. */
  readonly latencies: number[] = [];
  private readonly idle: SimulatedClient[];
  private next = 0;

  /** @param clock milliseconds of a clock that is never set */
  constructor(
    clients: readonly SimulatedClient[],
    private readonly scenario: Scenario,
    private readonly counts: LoadCounts,
    private readonly limits: LoadLimits,
    private readonly clock: () => number,
  ) {
    this.idle = [...clients];
  }

  /** @returns seconds that the run took */
  async run(): Promise<number> {
    const began = this.clock();
    const workers = Math.min(this.limits.inFlight, this.idle.length, this.limits.exchanges);
    await Promise.all(Array.from({ length: workers }, () => this.work(began)));
    return (this.clock() - began) / 1000;
  }

  private async work(began: number): Promise<void> {
    while (this.counts.started < this.limits.exchanges) {
      const wait = this.turn(began);
      if (wait > 0) {
        await sleep(wait);
      }
      const client = this.idle.shift();
      if (this.clock() - began >= this.limits.duration * 1000 || client === undefined) {
        return;
      }
      if (this.counts.started < this.limits.exchanges) {
        await this.exchange(client);
      }
      this.idle.push(client);
    }
  }

  /** Milliseconds until the next exchange of a fixed rate is due. */
  private turn(began: number): number {
    const { rate } = this.limits;
    if (rate === undefined) {
      return 0;
    }
    const passed = (this.clock() - began) / 1000;
    // A long backlog is not caught up in one burst.
    this.next = Math.max(this.next, passed - MAX_BACKLOG);
    const wait = this.next - passed;
    this.next += 1 / rate;
    return wait * 1000;
  }

  private async exchange(client: SimulatedClient): Promise<void> {
    this.counts.started += 1;
    const began = this.clock();
    if (await this.scenario.run(client)) {
      this.counts.done += 1;
      this.latencies.push((this.clock() - began) * 1000);
    } else {
      this.counts.failed += 1;
    }
  }
}
