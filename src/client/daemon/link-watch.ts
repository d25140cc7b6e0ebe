// SPDX-License-Identifier: MPL-2.0

import type { Interrupts } from './interrupts';
import type { DaemonEnvironment, DaemonOptions, LinkProbe } from './options';

const pollMilliseconds = 1000;
/** Milliseconds by which the two clocks differ more than before once the machine has slept. */
const sleepThreshold = 2000;

/** Watches the interface, its carrier, its link-local address and sleep: a change of any may mean another link. */
export class LinkWatch {
  /** Undefined if the interface cannot send. */
  private link: LinkProbe | undefined;
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
    this.link = await this.look();
    this.schedule();
    return this.link !== undefined;
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
    const link = await this.look();
    const skew = this.slept();
    const hasSlept = skew - this.skew > sleepThreshold;
    this.skew = skew;
    if (this.isStopped) {
      return;
    }
    this.tell(link, hasSlept);
    this.schedule();
  }

  /** An interface that was recreated between two looks was down: it has none of the old one's addresses and sockets. */
  private tell(link: LinkProbe | undefined, hasSlept: boolean): void {
    const isOther = link?.index !== this.link?.index || hasAnotherAddress(link, this.link);
    if (isOther && this.link !== undefined) {
      this.interrupts.raise({ kind: 'link-down' });
    }
    if (isOther && link !== undefined) {
      this.interrupts.raise({ kind: 'link-up' });
    }
    if (!isOther && link !== undefined && hasSlept) {
      this.interrupts.raise({ kind: 'woke' });
    }
    this.link = link && { ...link, address: link.address ?? this.link?.address };
  }

  /** The interface if it can send. */
  private async look(): Promise<LinkProbe | undefined> {
    const link = await this.probe();
    return link?.isUp === true ? link : undefined;
  }

  private slept(): number {
    return this.environment.boottime() - this.environment.monotonic();
  }
}

/** A context ends when its client's link-local address is another (docs/protocol.md 4.1). */
function hasAnotherAddress(link: LinkProbe | undefined, before: LinkProbe | undefined): boolean {
  return link?.address !== undefined && before?.address !== undefined && link.address !== before.address;
}
