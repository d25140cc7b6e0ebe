// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { ClientError } from '../client';
import { exchanges, runExchange } from './client/exchange';
import { clientHelp } from './client/help';
import { addClientOptions, type ClientOptions, clientOptions } from './client/options';
import { registerPins } from './client/pins';
import { runDaemon } from './client/run';
import { registerStatus } from './client/status';
import { UsageError } from './errors';
import { warn } from './print';

/** Exit code if no server could be found. */
const EXIT_NO_SERVER = 3;

/** `kea-encryption client`: single exchanges of encrypted DHCPv6, and the client daemon. */
export function registerClientCommand(program: Command): void {
  const client = addClientOptions(program.command('client'))
    .description('get, renew, rebind, confirm, release or decline a lease over encrypted DHCPv6')
    .addHelpText('after', clientHelp);
  for (const { name, does } of exchanges) {
    registerSpeaking(client, name, does, (options) => runExchange(name, options));
  }
  registerSpeaking(client, 'run', 'get a lease and keep it, until a signal ends it', (options, command) => {
    const isPatient = command.getOptionValueSourceWithGlobals('timeout') === 'default';
    return runDaemon(isPatient && !options.opportunistic ? { ...options, timeout: 0 } : options);
  });
  registerStatus(client);
  registerPins(client);
}

/** A sub-command that exchanges messages with servers. */
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
    // The default command gets every argument that is not the name of a sub-command.
    .allowExcessArguments(name === 'lease')
    .action(async (_, command: Command) => {
      const [excess] = command.args;
      if (excess !== undefined) {
        const known = client.commands.map((other) => other.name()).join(', ');
        throw new UsageError(`${JSON.stringify(excess)} is not one of ${known}`);
      }
      try {
        await act(clientOptions(command), command);
      } catch (error) {
        if (error instanceof ClientError && error.code === 'no-server') {
          warn(error.message);
          process.exitCode = EXIT_NO_SERVER;
          return;
        }
        throw error;
      }
    });
}
