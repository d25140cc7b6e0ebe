// SPDX-License-Identifier: MPL-2.0

import { Binding } from './binding';
import type { Interrupts } from './interrupts';
import type { DaemonOptions } from './options';
import { Pacing } from './pacing';
import { Waiter } from './waiter';

/** What every state of the client daemon works on. */
export interface DaemonContext {
  readonly options: DaemonOptions;
  readonly waiter: Waiter;
  readonly pacing: Pacing;
  readonly binding: Binding;
}

export function createDaemonContext(options: DaemonOptions, interrupts: Interrupts): DaemonContext {
  const waiter = new Waiter(options, interrupts);
  const pacing = new Pacing(options.environment, waiter);
  return { options, waiter, pacing, binding: new Binding(options) };
}

/** What the client daemon does next. */
export type State =
  'down' | 'init' | 'verify' | 'bound' | 'renew' | 'rebind' | 'informed' | 'idle' | 'release' | 'stop';
