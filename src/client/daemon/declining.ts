// SPDX-License-Identifier: MPL-2.0

import { isUsable } from '../lease/lease';
import { onlyAddresses, withoutAddresses } from './held-lease';
import type { Interrupt } from './interrupts';
import { MAX_RELEASE_DURATION, isAnotherLink } from './releasing';
import type { DaemonContext } from './daemon-context';

/** Conflicts in a row after which the client slows down (RFC 8415 section 14.1). */
const MAX_CONFLICTS = 3;
/** Milliseconds. */
const conflictDelay = 10_000;

/** RFC 8415 section 18.2.8, for addresses that other hosts have. */
export class Declining {
  private conflicts = 0;
  private isReplacing = false;

  constructor(private readonly context: DaemonContext) {}

  /** A renewal proves that the addresses have no conflict, unless it has just replaced a declined one. */
  renewed(): void {
    this.conflicts = this.isReplacing ? this.conflicts : 0;
    this.isReplacing = false;
  }

  /**
   * @returns whether the lease had any of the addresses
   * @throws ClientError if the client cannot continue
   */
  async decline(addresses: readonly string[]): Promise<boolean> {
    const { options, waiter, pacing, binding } = this.context;
    const lease = binding.held?.lease;
    if (lease === undefined) {
      return false;
    }
    const declined = onlyAddresses(lease, addresses);
    if (!isUsable(declined)) {
      return false;
    }
    await binding.lose('declined', withoutAddresses(lease, addresses));
    this.isReplacing = binding.held !== undefined;
    const until = options.environment.boottime() + MAX_RELEASE_DURATION;
    // When it stops, the client also has to release what is left.
    const breaksOff = (interrupt: Interrupt): boolean =>
      interrupt.kind === 'stop' || isAnotherLink(interrupt);
    binding.failed(await waiter.exchange(until, (client) => client.decline(declined), breaksOff));
    this.conflicts += 1;
    if (this.conflicts > MAX_CONFLICTS) {
      await waiter.pause(options.environment.boottime() + conflictDelay);
    }
    pacing.reset();
    return true;
  }
}
