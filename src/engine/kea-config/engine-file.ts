// SPDX-License-Identifier: MPL-2.0

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { isMap, type Policy } from '../settings';
import { KeaConfigError } from './errors';
import { type KeaConfig, parseKeaConfig } from './parser';
import type { FileReader } from './tokens';

/** Where the unit's state is, which systemd makes for the engine's user. */
const defaultStateDirectory = '/var/lib/kea-encryption';

/** Writable for its group, or for everybody. */
const writableByOthers = 0o022;

/**
 * The text of a file of settings.
 * @throws Error if somebody but root, or the user that reads it, can write to it, or it cannot be read
 */
export const readOwnedFile: FileReader = (file) => {
  const fd = openSync(file, 'r');
  try {
    const { uid, mode } = fstatSync(fd);
    if (uid !== 0 && uid !== process.geteuid?.()) {
      throw new Error(`it belongs to the user ${uid}: the settings of an engine must be root's`);
    }
    if ((mode & writableByOthers) !== 0) {
      throw new Error('others than its owner may write to it (chmod go-w)');
    }
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
};

/** The policy that stands in an engine's file, and where each of its values does. @throws KeaConfigError */
export function parseEngineFile(
  file: string,
  read: FileReader,
): { readonly config: KeaConfig; readonly policy: Policy } {
  const config = parseKeaConfig(file, read);
  const { value } = config;
  const parameters = isMap(value) ? { 'state-directory': defaultStateDirectory, ...value } : value;
  return { config, policy: { path: [file], parameters } };
}

/**
 * Reads the policy of an engine.
 * @param file the parameters as one map, in Kea's JSON with its comments and includes
 * @throws Error that names the file, and the place in it
 */
export function readEngineFile(file: string): Policy {
  try {
    return parseEngineFile(file, readOwnedFile).policy;
  } catch (error) {
    if (error instanceof KeaConfigError) {
      const { position } = error;
      const place = `${position.file}:${position.line}:${position.column}`;
      throw new Error(`${place}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
