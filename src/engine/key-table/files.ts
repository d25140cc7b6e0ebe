// SPDX-License-Identifier: MPL-2.0

import { accessSync, closeSync, constants, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { geteuid } from 'node:process';
import { dirname, join } from 'node:path';
import { errorText } from '../../support';
import { KeyTableError } from './errors';

export interface TableFiles {
  readonly directory: string;
  readonly table: string;
  /** LMDB's own: readers and the writers' lock. */
  readonly lock: string;
  /** Names the boot since which the table was prepared, and its floor (boot-file.ts). */
  readonly boot: string;
  /** The rebuilt table, until it takes the table's place. */
  readonly rebuilt: string;
}

export function tableFiles(directory: string): TableFiles {
  const table = join(directory, 'key-table.mdb');
  return {
    directory,
    table,
    lock: `${table}-lock`,
    boot: join(directory, 'key-table.boot'),
    rebuilt: join(directory, 'key-table.rebuilt.mdb'),
  };
}

/** An error that names the setting. */
export function unusableDirectory(directory: string, problem: string, cause?: unknown): KeyTableError {
  const text = `"state-directory" is "${directory}", which cannot be used: ${problem}`;
  return new KeyTableError('unavailable', text, { cause });
}

const writableByOthers = 0o002;

/** What is wrong with the state directory's mode, whichever user the engine runs as; undefined where nothing is. */
export function directoryExposure(mode: number): string | undefined {
  if ((mode & writableByOthers) === 0) {
    return undefined;
  }
  const digits = (mode & 0o7777).toString(8).padStart(4, '0');
  return `everybody can write to it (mode ${digits}); it must have mode 0700 or 0750`;
}

/**
 * Makes the state directory where it is not there, and refuses one in which others could put a table of theirs.
 * @throws KeyTableError `unavailable` that names the setting
 */
export function requireDirectory(directory: string): void {
  const refusal = (problem: string, cause?: unknown): KeyTableError =>
    unusableDirectory(directory, problem, cause);
  let mode: number;
  let uid: number;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    ({ mode, uid } = statSync(directory));
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refusal(errorText(error), error);
  }
  const own = geteuid?.() ?? uid;
  if (uid !== own && uid !== 0) {
    throw refusal(`it belongs to user ${uid}, and the engine runs as user ${own}`);
  }
  const exposure = directoryExposure(mode);
  if (exposure !== undefined) {
    throw refusal(exposure);
  }
}

/** LMDB's mark on its first page. */
const magic = Buffer.from('dec0efbe', 'hex');
const MAX_MAGIC_LENGTH = 64;

/**
 * Refuses what LMDB's binding would not survive opening: it ends the process, or never returns, where a file
 * cannot be opened or is not LMDB's. What is wrong further inside is found by prepare.ts. The lock file is
 * never touched: a process that closes it, however it opened it, loses the locks by which LMDB knows it.
 * @throws KeyTableError `unavailable`, `unusable-file`
 */
export function requireOpenable(file: string): void {
  let head: Buffer | undefined;
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
    head = readHead(file);
    if (head !== undefined) {
      accessSync(file, constants.R_OK | constants.W_OK);
    }
  } catch (error) {
    throw new KeyTableError('unavailable', `the key table cannot be opened: ${errorText(error)}`, {
      cause: error,
    });
  }
  if (head?.includes(magic) === false) {
    throw new KeyTableError('unusable-file', `${file} is no key table`);
  }
}

/** The first octets of a file; undefined where there is none. */
function readHead(file: string): Buffer | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return undefined;
  }
  if (!stats.isFile()) {
    throw new Error(`${file} is no file`);
  }
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(MAX_MAGIC_LENGTH);
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
