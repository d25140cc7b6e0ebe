// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../lease/lease';
import type { LeaseClient } from '../lease/lease-client';
import { Retransmission } from '../exchange/retransmission';
import { refreshTime } from './lease-schedule';
import type { DaemonContext, State } from './daemon-context';

const MILLISECONDS = 1000;

/** RFC 8415 section 18.2.6: information, and no lease. */
export async function requestInformation({
  options,
  waiter,
  pacing,
  binding,
}: DaemonContext): Promise<State> {
  if (pacing.isFirst) {
    options.newIdentity?.();
  }
  const parameters = Retransmission.informationRequest(options.maxRt.informationRequest);
  if (!(await pacing.beforeNext(parameters, binding.giveUpAt))) {
    return 'init';
  }
  binding.requireTimeLeft();
  const exchange = (client: LeaseClient): Promise<Lease> => client.informationRequest();
  const outcome = await waiter.exchange(Infinity, exchange, undefined, binding.giveUpAt);
  if (outcome.kind !== 'done') {
    binding.failed(outcome);
    return 'init';
  }
  binding.adopt('informed', outcome.value);
  pacing.reset();
  return 'informed';
}

/** Section 21.23. */
export async function untilRefresh({ options, waiter, binding }: DaemonContext): Promise<State> {
  const seconds = refreshTime(binding.held?.lease.configuration.informationRefreshTime);
  const isOver = await waiter.pause(options.environment.boottime() + seconds * MILLISECONDS);
  return isOver ? 'init' : 'informed';
}
