// SPDX-License-Identifier: MPL-2.0

import { isUsable } from '../lease/lease';
import { onlyAddresses, withoutAddresses } from './held-lease';
import type { Interrupt } from './interrupts';
import { farewellDuration, isAnotherLink } from './releasing';
import type { Session } from './session';

/** After so many conflicts in a row the client slows down (RFC 8415 section 14.1). */
const freeConflicts = 3;
const conflictDelay = 10_000;

/** RFC 8415 section 18.2.8, for addresses that other hosts have. */
export class Declining {
  private conflicts = 0;
  private isReplacing = false;

  constructor(private readonly session: Session) {}

  /** A lease that outlives a renewal has addresses that are nobody else's; not so one that a renewal has made whole. */
  renewed(): void {
    this.conflicts = this.isReplacing ? this.conflicts : 0;
    this.isReplacing = false;
  }

  /** @returns whether the lease had any of the addresses */
  async decline(addresses: readonly string[]): Promise<boolean> {
    const { options, waiter, pacing, binding } = this.session;
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
    const until = options.environment.boottime() + farewellDuration;
    // At its end the client has a Release to send as well, of what is left.
    const breaksOff = (interrupt: Interrupt): boolean =>
      interrupt.kind === 'stop' || isAnotherLink(interrupt);
    binding.failed(await waiter.exchange(until, (client) => client.decline(declined), breaksOff));
    this.conflicts += 1;
    if (this.conflicts > freeConflicts) {
      await waiter.pause(options.environment.boottime() + conflictDelay);
    }
    pacing.reset();
    return true;
  }
}
