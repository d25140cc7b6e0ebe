// SPDX-License-Identifier: MPL-2.0

import type { Transaction } from 'lmdb';
import { KeyTableError } from './errors';
import { readUsedKey } from './keys';
import { decodeRecord, type KeyRecord } from './record';
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
  const expected = { used: 0, duids: 0, sources: 0 };
  for (const [keyId, octets] of entries(trees.records, transaction)) {
    const record = decodeRecord(keyId, octets);
    expected.used += 1;
    expected.duids += Number(record.duid !== undefined) + Number(record.derivedDuid !== undefined);
    expected.sources += Number(record.source !== undefined);
  }
  const find = (keyId: Buffer): KeyRecord | undefined => {
    const octets = trees.records.get(keyId, { transaction });
    return octets === undefined ? undefined : decodeRecord(keyId, octets);
  };
  verifyIndex('used', trees.used, expected.used, transaction, (key) => {
    const { lastUsed, keyId } = readUsedKey(key);
    return find(keyId)?.lastUsed === lastUsed;
  });
  verifyIndex('duids', trees.duids, expected.duids, transaction, (duid, keyId) => {
    const record = find(keyId);
    return record?.duid?.equals(duid) === true || record?.derivedDuid?.equals(duid) === true;
  });
  verifyIndex('sources', trees.sources, expected.sources, transaction, (source, keyId) =>
    find(keyId)?.source?.equals(source),
  );
}

function verifyIndex(
  name: string,
  tree: Tree,
  expected: number,
  transaction: Transaction,
  fits: (key: Buffer, value: Buffer) => boolean | undefined,
): void {
  let found = 0;
  for (const [key, value] of entries(tree, transaction)) {
    found += 1;
    if (fits(key, value) !== true) {
      throw new KeyTableError('unusable-file', `the index "${name}" has an entry without its record`);
    }
  }
  if (found !== expected) {
    throw new KeyTableError(
      'unusable-file',
      `the index "${name}" has ${found} entries where the records have ${expected}`,
    );
  }
}

/** Every entry; keys have to ascend, which they do not where two states of a tree are mixed. */
function* entries(tree: Tree, transaction: Transaction): Generator<[Buffer, Buffer]> {
  let last: Buffer | undefined;
  for (const { key, value } of tree.getRange({ transaction })) {
    const copy = Buffer.from(key);
    if (last !== undefined && Buffer.compare(last, copy) >= 0) {
      throw new KeyTableError('unusable-file', 'the keys of a tree are out of order');
    }
    last = copy;
    yield [copy, value];
  }
}
