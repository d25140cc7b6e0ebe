// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ServerPins } from '../../client';
import { parseDuid } from '../../dhcpv6';
import { UsageError } from '../errors';
import { print, printJson } from '../print';
import { type GivenOptions, missing } from './options';

/** `client pins`: the servers that a file of `--trust-on-first-use` has. Sends nothing. */
export function registerPins(client: Command): void {
  const pins = client
    .command('pins')
    .description('list, export or remove the servers that --trust-on-first-use has pinned')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 no such server, or the file cannot be read, 2 wrong usage.

Examples:
  kea-encryption client pins list --trust-on-first-use servers.json
  kea-encryption client pins export --trust-on-first-use servers.json > other-host.json
  kea-encryption client pins remove 00:02:00:00:09:bf:01 --trust-on-first-use servers.json`,
    );
  registerOne(pins, 'list', 'print DUID and key of each server').action((_, command: Command) => {
    const { file, json } = given(command);
    const servers = [...ServerPins.open(file).entries].map(([duid, key]) => ({ duid, key }));
    if (json) {
      printJson({ file, servers });
    } else if (servers.length > 0) {
      print(...servers.map(({ duid, key }) => `${duid}  ${key}`));
    }
  });
  registerOne(pins, 'export', 'print what another host may have as its file')
    .argument('[duids...]', 'of these servers; by default of all')
    .action((duids: string[], _, command: Command) => {
      const { file } = given(command);
      const { entries } = ServerPins.open(file);
      const wanted = duids.length === 0 ? [...entries.keys()] : duids.map(hexadecimal);
      requireAll(
        file,
        wanted.filter((duid) => !entries.has(duid)),
      );
      printJson(Object.fromEntries(wanted.map((duid) => [duid, entries.get(duid)])));
    });
  registerOne(pins, 'remove', 'remove servers; a running client forgets them at SIGHUP')
    .argument('<duids...>', 'of the servers')
    .action((duids: string[], _, command: Command) => {
      const { file, json } = given(command);
      const wanted = duids.map(hexadecimal);
      const removed = ServerPins.open(file).remove(wanted);
      if (json) {
        printJson({ file, removed });
      }
      requireAll(
        file,
        wanted.filter((duid) => !removed.includes(duid)),
      );
    });
}

function registerOne(pins: Command, name: string, description: string): Command {
  return (
    pins
      .command(name)
      .description(description)
      // The values are the parent's, which is parsed first; listed here for the help.
      .option('--trust-on-first-use <file>', 'the file (required)')
      .option('--json', 'print JSON', false)
  );
}

function given(command: Command): { readonly file: string; readonly json: boolean } {
  const { trustOnFirstUse, json } = command.optsWithGlobals<GivenOptions>();
  const file = trustOnFirstUse ?? missing(command, '--trust-on-first-use <file>');
  // For a client it would have no servers yet.
  if (!existsSync(file)) {
    throw new Error(`there is no file ${file}`);
  }
  return { file, json };
}

/** As the file has it. */
function hexadecimal(duid: string): string {
  try {
    return parseDuid(duid).toString('hex');
  } catch {
    throw new UsageError(
      `${JSON.stringify(duid)}: a DUID in hexadecimal is expected, such as 00:03:00:01:02:03:04:05:06:07`,
    );
  }
}

function requireAll(file: string, absent: readonly string[]): void {
  if (absent.length > 0) {
    throw new Error(`${file} has no server ${absent.join(', ')}`);
  }
}
