// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../lease/lease';
import { Retransmission } from '../exchange/retransmission';
import { isForAnother } from './binding';
import type { HeldLease } from './held-lease';
import type { DaemonContext, State } from './daemon-context';
import type { Outcome } from './waiter';

export async function untilT1({ options, waiter, pacing, binding }: DaemonContext): Promise<State> {
  pacing.reset();
  const { held } = binding;
  if (held === undefined) {
    return 'init';
  }
  await waiter.pause(Math.min(held.t1, held.firstEnd));
  return options.environment.boottime() < held.t1 ? 'bound' : 'renew';
}

/** RFC 8415 section 18.2.4. */
export async function renew(context: DaemonContext): Promise<State> {
  const { options, waiter, binding } = context;
  const { held } = binding;
  if (held === undefined) {
    return 'init';
  }
  const until = Math.max(Math.min(held.t2, held.firstEnd), options.environment.boottime() + 1);
  const outcome = await waiter.exchange(until, (client) => client.renew(held.lease, held.secondsTo(until)));
  return extended(context, outcome, held, 'renew');
}

/** Section 18.2.5. */
export async function rebind(context: DaemonContext): Promise<State> {
  const { waiter, binding } = context;
  const { held } = binding;
  if (held === undefined) {
    return 'init';
  }
  const outcome = await waiter.exchange(held.firstEnd, (client) =>
    client.rebind(held.lease, held.secondsTo(held.expiry)),
  );
  return extended(context, outcome, held, 'rebind');
}

async function extended(
  { options: { environment }, waiter, pacing, binding }: DaemonContext,
  outcome: Outcome<Lease>,
  held: HeldLease,
  own: 'renew' | 'rebind',
): Promise<State> {
  const [end, next] = own === 'renew' ? [held.t2, 'rebind' as const] : [held.expiry, 'init' as const];
  switch (outcome.kind) {
    case 'done':
      binding.adopt(own === 'renew' ? 'renewed' : 'rebound', outcome.value);
      pacing.reset();
      return 'bound';
    case 'interrupted':
      return own;
    case 'late':
      return environment.boottime() < end ? own : next;
    case 'failed': {
      binding.failed(outcome);
      if (outcome.error.code === 'lease-ended' || outcome.error.code === 'identity-refused') {
        void binding.lose('refused');
        pacing.reset();
        return 'init';
      }
      if (isForAnother(outcome.error)) {
        pacing.reset();
        return 'init';
      }
      const again = environment.boottime() + pacing.next(Retransmission.renew(0));
      await waiter.pause(Math.min(end, again, held.firstEnd));
      if (environment.boottime() < end) {
        return own;
      }
      // What comes next is a first attempt of its own.
      pacing.reset();
      return next;
    }
  }
}
