// SPDX-License-Identifier: MPL-2.0

import { isUsable } from '../lease';
import { onlyAddresses, withoutAddresses } from './held-lease';
import { farewellDuration } from './releasing';
import type { Session } from './session';

/** After so many conflicts in a row the client slows down (RFC 8415 section 14.1). */
const freeConflicts = 3;
const conflictDelay = 10_000;

/** RFC 8415 section 18.2.8, for addresses that other hosts have. */
export class Declining {
  private conflicts = 0;

  constructor(private readonly session: Session) {}

  /** The lease has outlived a renewal: its addresses are nobody else's. */
  reset(): void {
    this.conflicts = 0;
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
    const until = options.environment.boottime() + farewellDuration;
    binding.failed(await waiter.exchange(until, (client) => client.decline(declined)));
    this.conflicts += 1;
    if (this.conflicts > freeConflicts) {
      await waiter.pause(options.environment.boottime() + conflictDelay);
    }
    pacing.reset();
    return true;
  }
}
