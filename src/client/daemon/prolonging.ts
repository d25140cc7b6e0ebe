// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../lease';
import { Retransmission } from '../retransmission';
import { isForAnother } from './binding';
import type { Session } from './session';
import type { State } from './state';
import type { Outcome } from './waiter';

export async function untilT1({ waiter, pacing, binding }: Session): Promise<State> {
  pacing.reset();
  const isOver = binding.held === undefined || (await waiter.pause(binding.held.t1));
  return isOver ? 'renew' : 'bound';
}

/** RFC 8415 section 18.2.4. */
export async function renew(session: Session): Promise<State> {
  const { options, waiter, binding } = session;
  const { held } = binding;
  if (held === undefined) {
    return 'init';
  }
  const until = Math.max(held.t2, options.environment.boottime() + 1);
  const outcome = await waiter.exchange(until, (client) => client.renew(held.lease, held.secondsTo(until)));
  return prolonged(session, outcome, 'renew', held.t2, 'rebind');
}

/** Section 18.2.5. */
export async function rebind(session: Session): Promise<State> {
  const { waiter, binding } = session;
  const { held } = binding;
  if (held === undefined) {
    return 'init';
  }
  const outcome = await waiter.exchange(held.expiry, (client) =>
    client.rebind(held.lease, held.secondsTo(held.expiry)),
  );
  const next = await prolonged(session, outcome, 'rebind', held.expiry, 'init');
  if (next === 'init' && binding.held === held && outcome.kind !== 'failed') {
    void binding.lose('expired');
  }
  return next;
}

async function prolonged(
  { options: { environment }, waiter, pacing, binding }: Session,
  outcome: Outcome<Lease>,
  own: 'renew' | 'rebind',
  end: number,
  next: 'rebind' | 'init',
): Promise<State> {
  switch (outcome.kind) {
    case 'done':
      binding.adopt(own === 'renew' ? 'renewed' : 'rebound', outcome.value);
      pacing.reset();
      return 'bound';
    case 'interrupted':
      return own;
    case 'late':
      return next;
    case 'failed': {
      binding.failed(outcome);
      if (outcome.error.code === 'lease-ended') {
        void binding.lose('refused');
        pacing.reset();
        return 'init';
      }
      if (isForAnother(outcome.error)) {
        pacing.reset();
        return 'init';
      }
      const again = environment.boottime() + pacing.next(Retransmission.renew(0));
      const isOver = await waiter.pause(Math.min(end, again));
      if (environment.boottime() < end) {
        return own;
      }
      // What comes next is a first attempt of its own.
      pacing.reset();
      if (isOver && next === 'init') {
        void binding.lose('expired');
      }
      return next;
    }
  }
}
