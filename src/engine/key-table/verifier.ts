// SPDX-License-Identifier: MPL-2.0

import { execFile } from 'node:child_process';

/** How verify-process.ts ends. */
export const VerifierExit = { Good: 0, Unusable: 3, Unavailable: 4, NotRebuilt: 5 } as const;

export interface Verification {
  /**
   * - `unusable`: what the file holds does not hold together, or nobody survives reading it.
   * - `unavailable`: it could not be opened.
   * - `unverified`: nothing is known, or it is good but could not be rebuilt.
   */
  readonly outcome: 'good' | 'unusable' | 'unavailable' | 'unverified';
  readonly text: string;
}

export const verifyTimeout = 120_000;

/** As native/hook/kea/configuration.cc starts the engine itself: SIGUSR1 opens no port. */
const noInspector = '--inspect-port=[ff02::1]:0';

/** What ends a process that follows a corrupt file into the void; any other signal came from somebody. */
const crashes: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
]);

/** Verifies a table in a process of its own, and rebuilds it where a second path is given. */
export function runVerifier(program: string, paths: readonly string[]): Promise<Verification> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [noInspector, program, ...paths],
      { timeout: verifyTimeout, killSignal: 'SIGKILL' },
      (error, _stdout, stderr) => {
        resolve(
          error === null
            ? { outcome: 'good', text: '' }
            : outcomeOf(error, stderr.replaceAll(/\s+/g, ' ').trim().slice(0, 500)),
        );
      },
    );
  });
}

interface Ending {
  readonly code?: string | number | null | undefined;
  readonly killed?: boolean | undefined;
  readonly signal?: string | null | undefined;
  readonly message: string;
}

function outcomeOf(ending: Ending, said: string): Verification {
  if (ending.killed === true) {
    return { outcome: 'unusable', text: `its verification took more than ${verifyTimeout / 1000} s` };
  }
  if (typeof ending.signal === 'string') {
    // Else it is not the table's doing: out of memory, the machine is going down, somebody's kill.
    const outcome = crashes.has(ending.signal) ? 'unusable' : 'unverified';
    return { outcome, text: `its verification ended by ${ending.signal}` };
  }
  const text = said === '' ? ending.message : said;
  switch (ending.code) {
    case VerifierExit.Unusable:
      return { outcome: 'unusable', text };
    case VerifierExit.Unavailable:
      return { outcome: 'unavailable', text };
    default:
      return { outcome: 'unverified', text };
  }
}
