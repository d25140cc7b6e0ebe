// SPDX-License-Identifier: MPL-2.0

import type { ClientEvent } from '../lease/events';
import type { ProcessIdentity } from './process-identity';

/**
 * What a client that runs on is doing. `starting`: it looks at its link, its kept lease, and for a server; `soliciting`:
 * it had a lease and looks for another.
 */
export const runStates = ['starting', 'no-link', 'soliciting', 'bound', 'informed', 'released'] as const;
export type RunState = (typeof runStates)[number];

export interface RunProblem {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly code: string;
  readonly message: string;
}

/** What a client that runs on says of itself to whoever asks. */
export interface RunRecord {
  readonly interface: string;
  readonly process: ProcessIdentity;
  /** Milliseconds since 1970, as is `since`: when the state began. */
  readonly started: number;
  readonly state: RunState;
  readonly since: number;
  /** What went wrong last, until a server has answered as it should. */
  readonly problem: RunProblem | undefined;
}

/** What an event makes of a record; undefined where the client has ended. */
export function recordAfter(record: RunRecord, event: ClientEvent): RunRecord | undefined {
  const { time } = event;
  const become = (state: RunState, problem = record.problem): RunRecord => ({
    ...record,
    state,
    since: state === record.state ? record.since : time,
    problem,
  });
  switch (event.type) {
    case 'started':
      return { ...become('starting'), started: time, since: time };
    case 'link':
      return become(event.up ? 'starting' : 'no-link');
    case 'bound':
    case 'renewed':
    case 'rebound':
      return { ...become('bound'), problem: undefined };
    case 'confirmed':
      // Silence confirms as well: what went wrong is still wrong then.
      return become('bound');
    case 'informed':
      return { ...become('informed'), problem: undefined };
    case 'lost':
      if (event.lease !== undefined) {
        return become('bound');
      }
      return become(event.reason === 'released' ? 'released' : 'soliciting');
    case 'problem':
      return become(record.state, { time, code: event.code, message: event.message });
    case 'stopped':
      return undefined;
  }
}
