// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../lease/lease';
import { isForAnother } from './binding';
import type { DaemonContext, State } from './daemon-context';
import type { Outcome } from './waiter';

/** Milliseconds: CNF_MAX_RD, and as much again to find an authenticated server. */
const MAX_CONFIRM_DURATION = 20_000;

/**
 * RFC 8415 section 18.2.12, for a client that may be on another link now: a Confirm for addresses alone, a Rebind if
 * there are prefixes. Without an answer the lease stays in use.
 */
export async function confirm({ options, waiter, pacing, binding }: DaemonContext): Promise<State> {
  const { held } = binding;
  if (held === undefined) {
    return 'init';
  }
  const until = Math.min(held.expiry, options.environment.boottime() + MAX_CONFIRM_DURATION);
  const outcome: Outcome<Lease | boolean> = await waiter.exchange<Lease | boolean>(until, (client) =>
    held.lease.prefixes.length > 0
      ? client.rebind(held.lease, held.secondsTo(until))
      : client.confirm(held.lease),
  );
  if (outcome.kind === 'interrupted') {
    return 'verify';
  }
  if (outcome.kind === 'done' && typeof outcome.value === 'object') {
    binding.adopt('rebound', outcome.value);
    pacing.reset();
    return 'bound';
  }
  if ((outcome.kind === 'done' && outcome.value === false) || isOver(outcome)) {
    void binding.lose('not-on-link');
    return 'init';
  }
  binding.failed(outcome);
  if (outcome.kind === 'failed' && outcome.error.code === 'identity-refused') {
    void binding.lose('refused');
    return 'init';
  }
  if (outcome.kind === 'failed' && isForAnother(outcome.error)) {
    return 'init';
  }
  if (held.isOver()) {
    return 'init';
  }
  binding.confirm(held);
  return 'bound';
}

/** The answer to a Rebind on another link gives the prefixes lifetimes of 0 (RFC 8415 section 18.3.5). */
function isOver(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'failed' && outcome.error.code === 'lease-ended';
}
