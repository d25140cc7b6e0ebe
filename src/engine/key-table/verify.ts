// SPDX-License-Identifier: MPL-2.0

import type { Transaction } from 'lmdb';
import { KeyTableError } from './errors';
import { usedKey } from './keys';
import { decodeRecord } from './record';
import type { Store, Tree } from './store';

/**
 * Reads every page of a table and holds records and indices against each other.
 * @throws KeyTableError `unusable-file` for what does not fit; what is broken deeper may end the process
 */
export function verifyStore(store: Store): void {
  const transaction = store.root.useReadTransaction();
  try {
    verifyTrees(store, transaction);
  } finally {
    transaction.done();
  }
}

function verifyTrees({ trees }: Store, transaction: Transaction): void {
  const indices = { used: 0, sources: 0 };
  let last: Buffer | undefined;
  for (const { key, value } of trees.records.getRange({ transaction })) {
    const keyId = Buffer.from(key);
    if (last !== undefined && Buffer.compare(last, keyId) >= 0) {
      throw new KeyTableError('unusable-file', 'the keys of a tree are out of order');
    }
    last = keyId;
    const record = decodeRecord(keyId, value);
    const { source } = record;
    const requireEntry = (name: keyof typeof indices, entry: Buffer, expected: Buffer): void => {
      indices[name] += 1;
      if (trees[name].get(entry, { transaction })?.equals(expected) !== true) {
        throw new KeyTableError('unusable-file', `the index "${name}" lacks an entry of a record`);
      }
    };
    requireEntry('used', usedKey(record), Buffer.alloc(0));
    if (source !== undefined) {
      requireEntry('sources', source, keyId);
    }
  }
  // Every record has its entries: as many as that are all that there may be.
  for (const name of ['used', 'sources'] as const) {
    requireCount(name, trees[name], indices[name], transaction);
  }
}

function requireCount(name: string, tree: Tree, expected: number, transaction: Transaction): void {
  const found = tree.getKeysCount({ transaction });
  if (found !== expected) {
    throw new KeyTableError(
      'unusable-file',
      `the index "${name}" has ${found} entries where the records have ${expected}`,
    );
  }
}
