// SPDX-License-Identifier: MPL-2.0

import { Retransmission } from '../exchange/retransmission';
import type { DaemonContext, State } from './daemon-context';

/** RFC 8415 sections 18.2.1 and 18.2.2. */
export async function solicit({ options, waiter, pacing, binding }: DaemonContext): Promise<State> {
  if (pacing.isFirst && binding.held === undefined) {
    options.newIdentity?.();
  }
  const parameters = Retransmission.solicit(options.maxRt.solicit);
  if (!(await pacing.beforeNext(parameters, binding.giveUpAt))) {
    return 'init';
  }
  binding.requireTimeLeft();
  const outcome = await waiter.exchange(
    binding.held?.firstEnd ?? Infinity,
    (client) => client.obtain(),
    undefined,
    binding.giveUpAt,
  );
  if (outcome.kind === 'done') {
    binding.adopt('bound', outcome.value);
    pacing.reset();
    return 'bound';
  }
  binding.failed(outcome);
  return 'init';
}
