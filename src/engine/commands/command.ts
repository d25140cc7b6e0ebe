// SPDX-License-Identifier: MPL-2.0

import type { ReloadOutcome } from '../reloader';

/** In the sense of Kea's control commands: 0 is success, 1 an error, 2 a command that is not known, 3 nothing found. */
export interface CommandAnswer {
  readonly result: 0 | 1 | 2 | 3;
  readonly text: string;
  readonly arguments?: unknown;
}

/** What commands may use of the session that they came to. */
export interface CommandContext {
  reload(): Promise<ReloadOutcome>;
}

/** @param parameters the command's `arguments`; undefined where it has none */
export type CommandHandler = (
  context: CommandContext,
  parameters: unknown,
) => CommandAnswer | Promise<CommandAnswer>;
