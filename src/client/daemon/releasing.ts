// SPDX-License-Identifier: MPL-2.0

import { isUsable } from '../lease/lease';
import type { Interrupt } from './interrupts';
import type { Session } from './session';

/** Milliseconds that a Release may take (REL_MAX_RC), or a Decline (DEC_MAX_RC), and finding the server. */
export const farewellDuration = 20_000;

/** The server is told before anything else that is wanted of the client; on another link it cannot be. */
export function isAnotherLink({ kind }: Interrupt): boolean {
  return kind === 'link-down' || kind === 'link-up' || kind === 'woke';
}

/** RFC 8415 section 18.2.7. */
export async function release(
  { options, waiter, binding }: Session,
  reason: 'released' | 'forgotten' = 'released',
): Promise<void> {
  const lease = binding.held?.lease;
  if (lease === undefined) {
    return;
  }
  const isLeased = isUsable(lease);
  await binding.lose(reason);
  if (isLeased) {
    const until = options.environment.boottime() + farewellDuration;
    binding.failed(await waiter.exchange(until, (client) => client.release(lease), isAnotherLink));
  }
}

/** The end of the client, which gives its lease back unless it was told to keep it. */
export async function farewell(session: Session): Promise<void> {
  const { options, binding } = session;
  binding.beginToEnd();
  if (options.releaseOnStop) {
    await release(session);
  }
  await binding.emit({ type: 'stopped', lease: binding.held?.lease });
}
