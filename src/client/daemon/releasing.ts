// SPDX-License-Identifier: MPL-2.0

import { isUsable } from '../lease/lease';
import type { Interrupt } from './interrupts';
import type { DaemonContext } from './daemon-context';

/** Milliseconds for a Release (REL_MAX_RC) or a Decline (DEC_MAX_RC), with the search for the server. */
export const MAX_RELEASE_DURATION = 20_000;

/** Only a change of link interrupts a Release or Decline: the server cannot be reached then. */
export function isAnotherLink({ kind }: Interrupt): boolean {
  return kind === 'link-down' || kind === 'link-up' || kind === 'woke';
}

/** RFC 8415 section 18.2.7. @throws ClientError if the client cannot continue */
export async function release(
  { options, waiter, binding }: DaemonContext,
  reason: 'released' | 'forgotten' = 'released',
): Promise<void> {
  const lease = binding.held?.lease;
  if (lease === undefined) {
    return;
  }
  const isLeased = isUsable(lease);
  await binding.lose(reason);
  if (isLeased) {
    const until = options.environment.boottime() + MAX_RELEASE_DURATION;
    binding.failed(await waiter.exchange(until, (client) => client.release(lease), isAnotherLink));
  }
}

/** The end of the client: releases the lease unless `releaseOnStop` is false. */
export async function releaseOnExit(context: DaemonContext): Promise<void> {
  const { options, binding } = context;
  binding.markStopping();
  if (options.releaseOnStop) {
    await release(context);
  }
  await binding.emit({ type: 'stopped', lease: binding.held?.lease });
}
