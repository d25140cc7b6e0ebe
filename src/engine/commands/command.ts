// SPDX-License-Identifier: MPL-2.0

import type { KeyTable } from '../key-table';
import type { WorkerMaterial } from '../clients/server-material';
import type { WorkerAnswer, WorkerQuestion } from '../handlers/worker-protocol';
import type { ReloadOutcome } from '../trust/reloader';

/** In the sense of Kea's control commands: 0 is success, 1 an error, 2 a command that is not known, 3 nothing found. */
export interface CommandAnswer {
  readonly result: 0 | 1 | 2 | 3;
  readonly text: string;
  readonly arguments?: unknown;
}

/** What commands may use of the session that they came to. */
export interface CommandContext {
  /** @throws Error where no configuration is loaded */
  readonly table: () => KeyTable;
  /** What each worker answers. */
  readonly ask: (question: WorkerQuestion) => Promise<readonly WorkerAnswer[]>;
  /** @throws Error where no configuration is loaded */
  readonly service: () => CommandedService;
  readonly reload: () => Promise<ReloadOutcome>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is in service. */
export interface CommandedService {
  readonly solution: 'A' | 'B';
  readonly workers: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Of the last reload. */
  readonly material: WorkerMaterial;
}

/**
 * @param parameters the command's `arguments`; undefined where it has none
 * @throws Error for arguments that are wrong, and where no configuration is loaded
 * @throws KeyTableError
 */
export type CommandHandler = (
  context: CommandContext,
  parameters: unknown,
) => CommandAnswer | Promise<CommandAnswer>;
