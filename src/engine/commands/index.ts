// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import { parseKeaJson } from '../kea-config/kea-json';
import { encryptionBlocklistClear, encryptionBlocklistList } from './blocklist';
import type { CommandAnswer, CommandContext, CommandHandler } from './command';
import { encryptionKeyDel, encryptionKeyGet, encryptionKeyList } from './keys';
import { encryptionReload, encryptionStatus } from './status';

export type { CommandAnswer, CommandContext, CommandedService, CommandHandler } from './command';

/** The control commands that the engine knows, by name (docs/engine-channel.md, COMMAND). */
const handlers: ReadonlyMap<string, CommandHandler> = new Map([
  ['encryption-status', encryptionStatus],
  ['encryption-key-list', encryptionKeyList],
  ['encryption-key-get', encryptionKeyGet],
  ['encryption-key-del', encryptionKeyDel],
  ['encryption-blocklist-list', encryptionBlocklistList],
  ['encryption-blocklist-clear', encryptionBlocklistClear],
  ['encryption-reload', encryptionReload],
]);

/**
 * Answers a COMMAND frame; never rejects.
 * @param text JSON {"command", "arguments"}
 */
export async function runCommand(text: string, context: CommandContext): Promise<CommandAnswer> {
  try {
    const { name, parameters } = readCommand(text);
    const handler = handlers.get(name);
    return handler === undefined
      ? { result: 2, text: `no such command: ${name}` }
      : await handler(context, parameters);
  } catch (error) {
    return { result: 1, text: errorText(error) };
  }
}

function readCommand(text: string): { readonly name: string; readonly parameters: unknown } {
  const json = parseKeaJson(text);
  if (typeof json !== 'object' || json === null || !('command' in json) || typeof json.command !== 'string') {
    throw new Error('a command without a name');
  }
  return { name: json.command, parameters: 'arguments' in json ? json.arguments : undefined };
}
