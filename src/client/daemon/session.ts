// SPDX-License-Identifier: MPL-2.0

import { Binding } from './binding';
import type { Interrupts } from './interrupts';
import type { DaemonOptions } from './options';
import { Pacing } from './pacing';
import { Waiter } from './waiter';

/** What every part of a client's life works on. */
export interface Session {
  readonly options: DaemonOptions;
  readonly waiter: Waiter;
  readonly pacing: Pacing;
  readonly binding: Binding;
}

export function beginSession(options: DaemonOptions, interrupts: Interrupts): Session {
  const waiter = new Waiter(options, interrupts);
  const pacing = new Pacing(options.environment, waiter);
  return { options, waiter, pacing, binding: new Binding(options) };
}
