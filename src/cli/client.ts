// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { ClientError } from '../client';
import { exchanges, runExchange } from './client/exchange';
import { clientHelp } from './client/help';
import { addClientOptions, type ClientOptions, clientOptions } from './client/options';
import { runForGood } from './client/run';
import { registerStatus } from './client/status';
import { UsageError } from './errors';
import { warn } from './print';

/** Exit code where nobody could be spoken with. */
const noServer = 3;

/** `kea-encryption client`: exchanges of encrypted DHCPv6, one after the other or each by itself. */
export function registerClientCommand(program: Command): void {
  const client = addClientOptions(program.command('client'))
    .description('get, renew, rebind, confirm, release or decline a lease over encrypted DHCPv6')
    .addHelpText('after', clientHelp);
  for (const { name, does } of exchanges) {
    registerSpeaking(client, name, does, (options) => runExchange(name, options));
  }
  registerSpeaking(client, 'run', 'get a lease and keep it, until a signal ends it', (options, command) => {
    const isPatient = command.getOptionValueSourceWithGlobals('timeout') === 'default';
    return runForGood(isPatient && !options.opportunistic ? { ...options, timeout: 0 } : options);
  });
  registerStatus(client);
}

/** A sub-command that speaks with servers. */
function registerSpeaking(
  client: Command,
  name: string,
  description: string,
  act: (options: ClientOptions, command: Command) => Promise<void>,
): void {
  client
    .command(name, { isDefault: name === 'lease' })
    .description(description)
    .configureHelp({ showGlobalOptions: true })
    // Of the default command they are names of no sub-command.
    .allowExcessArguments(name === 'lease')
    .action(async (_, command: Command) => {
      const [excess] = command.args;
      if (excess !== undefined) {
        const known = client.commands.map((other) => other.name()).join(', ');
        throw new UsageError(`${JSON.stringify(excess)} is none of ${known}`);
      }
      try {
        await act(clientOptions(command), command);
      } catch (error) {
        if (error instanceof ClientError && error.code === 'no-server') {
          warn(error.message);
          process.exitCode = noServer;
          return;
        }
        throw error;
      }
    });
}
