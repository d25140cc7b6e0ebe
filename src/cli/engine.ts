// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { forbidCoreDumps, userId } from '../bridge';
import { EngineServer, type EngineServerOptions, judgePolicy, readEngineFile } from '../engine';
import { errorText } from '../support';
import { UsageError } from './errors';
import { printError } from './print';

interface EngineOptions {
  readonly socket?: string;
  readonly config?: string;
  readonly keaUser?: string;
}

/** The first descriptor that systemd passes to a service (sd_listen_fds(3)). */
const FIRST_PASSED = 3;

/** `kea-encryption engine`: the engine as a service of its own, which the hook connects to. */
export function registerEngineCommand(program: Command): void {
  program
    .command('engine')
    .description('run the engine as a service of its own; the hook connects to its socket')
    .option('--socket <path>', 'Unix socket to listen at; without it the one that systemd passes')
    .option('--config <file>', "the engine's settings; without them it refuses every connection")
    .option(
      '--kea-user <user>',
      'name or number of the user that may connect, besides root (default: its own)',
    )
    .addHelpText(
      'after',
      `
Example:
  kea-encryption engine --config /etc/kea-encryption/engine.conf --kea-user _kea --socket /run/kea-encryption/engine.sock

The file has the parameters of the hook that are the engine's own (keys, certificates, state directory and so on) as one
map of Kea's JSON, and belongs to root. It is read for each Kea that connects. SIGTERM ends the engine.`,
    )
    .action((options: EngineOptions) => {
      forbidCoreDumps();
      const server = new EngineServer({
        at: options.socket ?? passedSocket(process.env),
        policy: () => policyOf(options),
        keaUser: userOf(options.keaUser),
        log: printError,
      });
      if (options.config !== undefined) {
        warnOfPolicy(options);
      }
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          void server.close().finally(() => process.exit(0));
        });
      }
    });
}

/** @throws UsageError if there is none */
function passedSocket(env: NodeJS.ProcessEnv): EngineServerOptions['at'] {
  const { LISTEN_PID: pid, LISTEN_FDS: count } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  if (pid !== String(process.pid) || count !== '1') {
    throw new UsageError('--socket is missing, and no socket was passed by systemd');
  }
  return { fd: FIRST_PASSED };
}

/** @throws Error that says what is wrong with the settings, or that there are none */
function policyOf({ config }: EngineOptions): ReturnType<EngineServerOptions['policy']> {
  if (config === undefined) {
    throw new Error(
      'this engine has no settings of its own, and takes none from a connection: start it with --config FILE ' +
        '(/etc/kea-encryption/engine.conf in the unit), or let the hook start one ("engine": { "spawn": true })',
    );
  }
  return readEngineFile(config);
}

/** It goes on: the file may be right by the time that Kea connects. */
function warnOfPolicy(options: EngineOptions): void {
  try {
    judgePolicy(policyOf(options), Date.now());
  } catch (error) {
    printError(`no connection is accepted with these settings: ${errorText(error)}`);
  }
}

/** @throws UsageError if there is no such user */
function userOf(name: string | undefined): number {
  if (name === undefined) {
    return process.geteuid?.() ?? 0;
  }
  const id = /^\d{1,10}$/.test(name) ? Number(name) : userId(name);
  if (id === undefined) {
    throw new UsageError(`--kea-user: there is no user "${name}"`);
  }
  return id;
}
