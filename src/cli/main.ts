#!/usr/bin/env -S --ignore-signal=USR1 node --inspect-port=[ff02::1]:0
// SPDX-License-Identifier: MPL-2.0

import { setFlagsFromString } from 'node:v8';
import { errorText, version } from '../support';
import '../support/ignore-sigusr1';
import { Command, CommanderError } from 'commander';
import { registerCheckCommand } from './check';
import { registerClientCommand } from './client';
import { registerEngineCommand } from './engine';
import { UsageError } from './errors';
import { registerPerfCommand } from './perf';
import { registerPkiCommand } from './pki';
import { warn } from './print';

/** Each subcommand is registered by a file of its own, which is loaded only then. */
const subcommands: ReadonlyMap<string, (program: Command) => void> = new Map([
  ['check', (program) => registerCheckCommand(program)],
  ['client', (program) => registerClientCommand(program)],
  ['engine', (program) => registerEngineCommand(program)],
  ['perf', (program) => registerPerfCommand(program)],
  ['pki', (program) => registerPkiCommand(program)],
]);

/** The command as a whole, or as far as these arguments need it. */
function createProgram([name = '']: readonly string[]): Command {
  const program = new Command('kea-encryption')
    .description('Encrypted DHCPv6 for Kea: keys and certificates, the client, the engine, checks.')
    .version(version())
    .exitOverride()
    .configureHelp({ sortSubcommands: true, showGlobalOptions: false })
    .showHelpAfterError('(see --help)')
    .addHelpText(
      'after',
      `
Exit codes: 0 done or accepted, 1 refused or failed, 2 wrong usage.

Example:
  kea-encryption pki init --directory ./pki`,
    );
  const wanted = subcommands.get(name);
  for (const register of wanted === undefined ? subcommands.values() : [wanted]) {
    register(program);
  }
  return program;
}

/**
 * Runs the command and reports its failure. An action that throws has failed; one that has printed a refusal as
 * its result sets `process.exitCode` instead.
 * @param argv without node and script
 * @returns the exit code
 */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram(argv).parseAsync(argv, { from: 'user' });
    return takeExitCode();
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed the error; its only exits with 0 are help and version.
      return error.exitCode === 0 ? 0 : 2;
    }
    warn(errorText(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** The exit code that an action has set; reset, so that the process of a caller does not end with it. */
function takeExitCode(): number {
  const code = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return code;
}

if (require.main === module) {
  if (process.argv[2] === 'client') {
    // It stays in memory and does little: compilers take more than they would save.
    for (const compiler of ['turbofan', 'maglev', 'sparkplug']) {
      setFlagsFromString(`--no-${compiler}`);
    }
  }
  // A reader that stops early, such as head, is no failure.
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') {
      process.exit();
    }
    throw error;
  });
  void run(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
