// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { EngineServer } from '../engine';
import { printError } from './print';

/** `kea-encryption engine`: the engine as a service of its own, which the hook connects to. */
export function registerEngineCommand(program: Command): void {
  program
    .command('engine')
    .description('run the engine as a service of its own; the hook connects to its socket')
    .requiredOption('--socket <path>', "Unix socket to listen at, as in the hook's parameter engine.socket")
    .addHelpText(
      'after',
      '\nExample:\n  kea-encryption engine --socket /run/kea-encryption/engine.sock\n\n' +
        'The settings come from the hook. SIGTERM ends the engine.',
    )
    .action((options: { socket: string }) => {
      const server = new EngineServer(options.socket, printError);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          void server.close().finally(() => process.exit(0));
        });
      }
    });
}
