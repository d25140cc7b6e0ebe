// SPDX-License-Identifier: MPL-2.0

import type { Interrupts } from './interrupts';
import type { DaemonEnvironment } from './options';

const pollMilliseconds = 1000;
/** Milliseconds by which the two clocks differ more than before once the machine has slept. */
const sleepThreshold = 2000;

/** Looks after carrier and sleep; both may mean that the machine is on another link now. */
export class LinkWatch {
  private isUp: boolean | undefined;
  private skew: number;
  private cancel: () => void = () => undefined;
  private isStopped = false;

  constructor(
    private readonly environment: DaemonEnvironment,
    private readonly probe: () => Promise<boolean>,
    private readonly interrupts: Interrupts,
  ) {
    this.skew = this.slept();
  }

  /** @returns whether the link is up now */
  async start(): Promise<boolean> {
    this.isUp = await this.probe();
    this.schedule();
    return this.isUp;
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private schedule(): void {
    if (!this.isStopped) {
      this.cancel = this.environment.timer(pollMilliseconds, () => void this.look());
    }
  }

  private async look(): Promise<void> {
    const up = await this.probe();
    const skew = this.slept();
    const hasSlept = skew - this.skew > sleepThreshold;
    this.skew = skew;
    if (this.isStopped) {
      return;
    }
    if (up !== this.isUp) {
      this.isUp = up;
      this.interrupts.raise({ kind: up ? 'link-up' : 'link-down' });
    } else if (up && hasSlept) {
      this.interrupts.raise({ kind: 'woke' });
    }
    this.schedule();
  }

  private slept(): number {
    return this.environment.boottime() - this.environment.monotonic();
  }
}
