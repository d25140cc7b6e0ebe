// SPDX-License-Identifier: MPL-2.0

import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lock, LockTimeoutError } from '../../bridge';
import { errorText } from '../../support';
import { type BootRecord, bootId, readBootFile, writeBootFile } from './boot-file';
import { KeyTableError } from './errors';
import { requireDirectory, type TableFiles, tableFiles, unusableDirectory } from './files';
import { runVerifier, verifyTimeout } from './verifier';

export interface Preparation {
  /** What an administrator has to know; each is worth a warning in the log. */
  readonly notices: readonly string[];
}

const MAX_KEPT_ASIDE = 3;

/**
 * Gets the table of a state directory ready to be opened by this and other processes: makes it, verifies it, and
 * rebuilds it where the machine was started since it was prepared last. A table that does not hold together is
 * moved aside, to `key-table.mdb.unusable-TIME`, and an empty one begun: clients authenticate again. To go back, stop the engine and move the file to its old name.
 *
 * After a boot, and where a table was lost, timestamps that were accepted before may be missing: this moment is the
 * table's floor then (boot-file.ts). A directory that never had a table has nothing missing, and no floor.
 *
 * Called once, before KeyTable.open in any thread.
 *
 * @param verifier the program that verifies a table, where it is not beside this file
 * @param now milliseconds since 1970
 * @throws KeyTableError `unavailable`
 */
export async function prepareKeyTable(
  directory: string,
  verifier = join(__dirname, 'verify-process.js'),
  now: () => number = Date.now,
): Promise<Preparation> {
  requireDirectory(directory);
  const files = tableFiles(directory);
  let release: (() => void) | undefined;
  try {
    release = await takeTurn(directory);
    return { notices: await prepare(files, verifier, now) };
  } catch (error) {
    throw error instanceof KeyTableError
      ? error
      : new KeyTableError('unavailable', `the key table cannot be prepared: ${errorText(error)}`, {
          cause: error,
        });
  } finally {
    release?.();
  }
}

async function prepare(files: TableFiles, verifier: string, now: () => number): Promise<string[]> {
  const boot = bootId();
  const known = readBootFile(files.boot);
  const isFirst = known.boot !== boot;
  const isFresh = !exists(files.table) && !exists(files.boot);
  const notices: string[] = [];
  let settled = true;
  if (exists(files.table)) {
    const { outcome, text } = await runVerifier(verifier, [files.table, ...(isFirst ? [files.rebuilt] : [])]);
    if (outcome === 'unavailable') {
      throw new KeyTableError('unavailable', text);
    }
    if (outcome === 'unusable') {
      const aside = moveAside(files);
      notices.push(
        `The key table does not hold together (${text}). It was moved to ${aside} and an empty one begun: ` +
          'clients authenticate again.',
      );
    } else if (outcome === 'unverified') {
      settled = false;
      notices.push(`The key table could not be verified${isFirst ? ' and rebuilt' : ''}: ${text}`);
    } else if (isFirst) {
      rmSync(files.lock, { force: true });
      renameSync(files.rebuilt, files.table);
    }
  }
  const isNew = !exists(files.table);
  if (isNew) {
    // Before the table: a process that finds the table finds its floor too.
    recordFloor(files, { boot: known.boot, floor: isFresh ? undefined : now() });
    const { outcome, text } = await runVerifier(verifier, [files.table]);
    if (outcome !== 'good') {
      throw new KeyTableError('unavailable', `${files.table} cannot be made: ${text}`);
    }
  }
  const time = now();
  // A floor in the future was set by a clock that was wrong then.
  const isRaised = isFirst || isNew || (known.floor ?? 0) > time;
  const floor = isFresh ? undefined : isRaised ? time : known.floor;
  const record = { boot: isFirst && !settled ? undefined : boot, floor };
  if (record.boot !== known.boot || record.floor !== known.floor) {
    recordFloor(files, record);
  }
  return notices;
}

function recordFloor(files: TableFiles, record: BootRecord): void {
  try {
    writeBootFile(files.boot, record);
  } catch (error) {
    throw unusableDirectory(files.directory, errorText(error), error);
  }
}

function moveAside(files: TableFiles): string {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const aside = `${files.table}.unusable-${time}`;
  renameSync(files.table, aside);
  rmSync(files.lock, { force: true });
  rmSync(files.rebuilt, { force: true });
  const prefix = `${basename(files.table)}.unusable-`;
  const older = readdirSync(files.directory).filter((name) => name.startsWith(prefix));
  for (const name of older.sort().slice(0, -MAX_KEPT_ASIDE)) {
    rmSync(join(files.directory, name), { force: true });
  }
  return aside;
}

/**
 * One at a time prepares a table, of all processes that share the directory.
 * @returns ends the turn
 */
async function takeTurn(directory: string): Promise<() => void> {
  return lock(directory, verifyTimeout).catch((error: unknown) => {
    throw error instanceof LockTimeoutError
      ? new KeyTableError('unavailable', `another process is still preparing the key table (${directory})`)
      : error;
  });
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}
