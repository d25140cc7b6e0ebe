// SPDX-License-Identifier: MPL-2.0

import { type RetransmissionParameters, RetransmissionSchedule } from '../exchange/retransmission';
import type { DaemonEnvironment } from './options';
import type { Waiter } from './waiter';

const MILLISECONDS = 1000;

/** The delays between failed attempts, by the rules of RFC 8415 section 15 for messages. */
export class Pacing {
  private schedule: RetransmissionSchedule | undefined;

  constructor(
    private readonly environment: DaemonEnvironment,
    private readonly waiter: Waiter,
  ) {}

  /** The next attempt is a first one. */
  reset(): void {
    this.schedule = undefined;
  }

  get isFirst(): boolean {
    return this.schedule === undefined;
  }

  /**
   * The random delay before the first attempt, and growing ones before further ones.
   * @param giveUpAt by `boottime`: the delay ends then at the latest
   * @returns as `pause`
   */
  beforeNext(parameters: RetransmissionParameters, giveUpAt: number): Promise<boolean> {
    const { environment } = this;
    const milliseconds =
      this.schedule === undefined ? environment.random() * MILLISECONDS : this.next(parameters);
    this.schedule ??= new RetransmissionSchedule(parameters, () => environment.random());
    return this.waiter.pause(Math.min(environment.boottime() + milliseconds, giveUpAt));
  }

  /** Milliseconds to the next attempt. */
  next(parameters: RetransmissionParameters): number {
    this.schedule ??= new RetransmissionSchedule(parameters, () => this.environment.random());
    // A server may have overridden it since (sections 21.24 and 21.25).
    this.schedule.overrideMrt(parameters.mrt);
    return this.schedule.next(0) ?? MILLISECONDS;
  }
}
