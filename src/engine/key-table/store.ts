// SPDX-License-Identifier: MPL-2.0

import { type Database, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { errorText } from '../../support';
import { KeyTableError } from './errors';
import { requireOpenable } from './files';

/** A tree of the table's file: octets to octets, in the order of the keys. */
export type Tree = Database<Buffer, Buffer>;

export interface Trees {
  /** Key identifier to record. */
  readonly records: Tree;
  /** Rank, time of the last use and key identifier, to nothing: what has to go first comes first. */
  readonly used: Tree;
  /** Digest of a source to the identifier of the key that last authenticated from there. */
  readonly sources: Tree;
}

/** The environment that holds the trees. */
export interface Store {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly trees: Trees;
}

const formatKey = Buffer.from('format');
const format = Buffer.from('kea-encryption key table');

const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;

/**
 * Why no transaction waits for the disk (`noSync`): a client's authentication would. Measured in a virtual machine (virtio
 * disk), one read-and-write transaction takes 8 µs without, and 290 µs with
 * the two fdatasync of a plain commit; 290 µs likewise with lmdb's overlappingSync, whose synchronous commits
 * wait for the flush as well, and 180 µs with noMetaSync. On a disk whose cache does not lie it is
 * milliseconds, for all workers together, because commits are serial. What is given up by it:
 *
 * - The process dies, kill -9 included: nothing. What was committed is in the kernel's page cache, the
 *   half-written pages of an open transaction are referred to by no meta page, and the lock, a robust mutex,
 *   goes to the next process.
 * - The machine stops: the kernel may have written pages in any order since the last flush, so the file
 *   cannot be trusted. The first preparation after a boot therefore rebuilds the file from what it holds, if
 *   all of that holds together (prepare.ts); a periodic flush keeps the time short that is at stake.
 *
 * @throws KeyTableError `unavailable`, `unusable-file`
 */
export function openStore(file: string, mapSize?: number): Store {
  requireOpenable(file);
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    ...binary,
    path: file,
    noSubdir: true,
    noSync: true,
    permissionsMode: 0o600,
    maxDbs: 8,
    maxReaders: 1024,
    ...(mapSize !== undefined && { mapSize }),
  };
  const root = open<Buffer, Buffer>(options);
  try {
    return { root, trees: openTrees(root, file) };
  } catch (error) {
    void root.close();
    throw error instanceof KeyTableError
      ? error
      : new KeyTableError('unusable-file', `${file}: ${errorText(error)}`, { cause: error });
  }
}

function openTrees(root: RootDatabase<Buffer, Buffer>, file: string): Trees {
  const tree = (name: string): Tree => root.openDB<Buffer, Buffer>(name, binary);
  requireFormat(root, file);
  return {
    records: tree('records'),
    used: tree('used'),
    sources: tree('sources'),
  };
}

function requireFormat(root: RootDatabase<Buffer, Buffer>, file: string): void {
  root.transactionSync(() => {
    const found = root.getBinary(formatKey);
    if (found === undefined && root.getKeysCount() === 0) {
      root.putSync(formatKey, format);
      return;
    }
    if (found?.equals(format) === true) {
      return;
    }
    const text = found
      ?.toString()
      .replaceAll(/[^ -~]/g, '?')
      .slice(0, 80);
    throw new KeyTableError('unusable-file', `${file}: no key table of this version (${text ?? 'none'})`);
  });
}
