// SPDX-License-Identifier: MPL-2.0

import type { Interrupts } from './interrupts';
import type { DaemonEnvironment, DaemonOptions } from './options';

const pollMilliseconds = 1000;
/** Milliseconds by which the two clocks differ more than before once the machine has slept. */
const sleepThreshold = 2000;

/** Watches the interface, its carrier and sleep: a change of any may mean another link. */
export class LinkWatch {
  /** Undefined if the interface cannot send. */
  private index: number | undefined;
  private skew: number;
  private cancel: () => void = () => undefined;
  private isStopped = false;

  constructor(
    private readonly environment: DaemonEnvironment,
    private readonly probe: DaemonOptions['link'],
    private readonly interrupts: Interrupts,
  ) {
    this.skew = this.slept();
  }

  /** @returns whether the link is up now */
  async start(): Promise<boolean> {
    this.index = await this.look();
    this.schedule();
    return this.index !== undefined;
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private schedule(): void {
    if (!this.isStopped) {
      this.cancel = this.environment.timer(pollMilliseconds, () => void this.lookAgain());
    }
  }

  private async lookAgain(): Promise<void> {
    const index = await this.look();
    const skew = this.slept();
    const hasSlept = skew - this.skew > sleepThreshold;
    this.skew = skew;
    if (this.isStopped) {
      return;
    }
    this.tell(index, hasSlept);
    this.schedule();
  }

  /** An interface that was recreated between two looks was down: it has none of the old one's addresses and sockets. */
  private tell(index: number | undefined, hasSlept: boolean): void {
    const isOther = index !== this.index;
    if (isOther && this.index !== undefined) {
      this.interrupts.raise({ kind: 'link-down' });
    }
    if (isOther && index !== undefined) {
      this.interrupts.raise({ kind: 'link-up' });
    }
    if (!isOther && index !== undefined && hasSlept) {
      this.interrupts.raise({ kind: 'woke' });
    }
    this.index = index;
  }

  /** The index of the interface if it can send. */
  private async look(): Promise<number | undefined> {
    const link = await this.probe();
    return link?.isUp === true ? link.index : undefined;
  }

  private slept(): number {
    return this.environment.boottime() - this.environment.monotonic();
  }
}
