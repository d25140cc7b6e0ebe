// SPDX-License-Identifier: MPL-2.0

import type { ClientEvent } from '../lease/events';
import type { ProcessIdentity } from './process-identity';

/**
 * What a client daemon is doing. `starting`: it examines its link and its kept lease, and looks for a server;
 * `soliciting`: it had a lease and looks for another.
 */
export const runStates = ['starting', 'no-link', 'soliciting', 'bound', 'informed', 'released'] as const;
export type RunState = (typeof runStates)[number];

export interface RunProblem {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly code: string;
  readonly message: string;
}

/** The state of a client daemon, for other processes. */
export interface RunRecord {
  readonly interface: string;
  readonly process: ProcessIdentity;
  /** Milliseconds since 1970, as is `since`: when the state began. */
  readonly started: number;
  readonly state: RunState;
  readonly since: number;
  /** The last problem, until a server has answered correctly. */
  readonly problem: RunProblem | undefined;
}

/** What an event makes of a record; undefined if the client has ended. */
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
      // A lease is also confirmed if no server answers: the problem may persist.
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
