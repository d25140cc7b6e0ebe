// SPDX-License-Identifier: MPL-2.0

import { readUsedKey, usedKey, usedRange } from './keys';
import { decodeRecord, encodeRecord, type KeyRecord, readLastUsed } from './record';
import type { Tree, Trees } from './store';

interface Bounds {
  readonly maxEntries: number;
  /** Seconds. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** An expired record or two more than comes in goes with each new one. */
const MAX_REMOVED_PER_INSERTION = 4;

const nothing = Buffer.alloc(0);

/**
 * The records of the key table with their indices, and what goes where there are too many. All but reading is done
 * in a transaction of the caller's.
 */
export class RecordStore {
  constructor(
    private readonly trees: Trees,
    private readonly bounds: Bounds,
  ) {}

  seconds(): number {
    return Math.floor(this.bounds.now() / 1000);
  }

  /** A record, also one that has expired and was not purged yet. */
  stored(keyId: Buffer): KeyRecord | undefined {
    const octets = this.trees.records.get(keyId);
    return octets === undefined ? undefined : decodeRecord(keyId, octets);
  }

  /** When a key was used last, in seconds since 1970, also of a record that has expired; nothing else of it is read. */
  lastUsed(keyId: Buffer): number | undefined {
    const octets = this.trees.records.get(keyId);
    return octets === undefined ? undefined : readLastUsed(octets);
  }

  live(keyId: Buffer): KeyRecord | undefined {
    const record = this.stored(keyId);
    return record === undefined || this.isExpired(record.lastUsed) ? undefined : record;
  }

  /** Writes a record and what changed of it in the indices. @param known the record that is there now */
  put(known: KeyRecord | undefined, record: KeyRecord): void {
    const { keyId } = record.identity;
    if (known === undefined) {
      this.makeRoom(keyId);
    }
    const used = usedKey(record);
    const usedBefore = known && usedKey(known);
    if (usedBefore?.equals(used) !== true) {
      if (usedBefore !== undefined) {
        this.trees.used.removeSync(usedBefore);
      }
      this.trees.used.putSync(used, nothing);
    }
    this.putSource(known?.source, record.source, keyId);
    this.trees.records.putSync(keyId, encodeRecord(record));
  }

  remove(record: KeyRecord): void {
    const { keyId } = record.identity;
    this.trees.records.removeSync(keyId);
    this.trees.used.removeSync(usedKey(record));
    if (record.source !== undefined) {
      this.removeSource(record.source, keyId);
    }
  }

  /** Takes a source from the client that had it. */
  takeSource(digest: Buffer): void {
    const ownerId = this.trees.sources.get(digest);
    const owner = ownerId === undefined ? undefined : this.stored(ownerId);
    if (owner !== undefined) {
      this.put(owner, { ...owner, source: undefined });
    }
  }

  /** Removes expired records, and those that are too many. @returns how many */
  purge(limit: number): number {
    return this.removeExpired(limit) + this.removeSurplus(limit, 0);
  }

  private isExpired(lastUsed: number): boolean {
    return lastUsed + this.bounds.lifetime <= this.seconds();
  }

  /** Before a record is added: an expired one of the same key goes with all that it had. */
  private makeRoom(keyId: Buffer): void {
    const expired = this.stored(keyId);
    if (expired !== undefined) {
      this.remove(expired);
    }
    this.removeExpired(MAX_REMOVED_PER_INSERTION);
    this.removeSurplus(MAX_REMOVED_PER_INSERTION, 1);
  }

  private putSource(before: Buffer | undefined, after: Buffer | undefined, keyId: Buffer): void {
    if (before !== undefined && after?.equals(before) !== true) {
      this.removeSource(before, keyId);
    }
    if (after !== undefined && before?.equals(after) !== true) {
      this.takeExpired(after);
      this.trees.sources.putSync(after, keyId);
    }
  }

  /** An index entry that is left is an expired record's: it goes before its key is given to another one. */
  private takeExpired(source: Buffer): void {
    const ownerId = this.trees.sources.get(source);
    const owner = ownerId === undefined ? undefined : this.stored(ownerId);
    if (owner !== undefined) {
      this.remove(owner);
    }
  }

  private removeSource(source: Buffer, keyId: Buffer): void {
    if (this.trees.sources.get(source)?.equals(keyId) === true) {
      this.trees.sources.removeSync(source);
    }
  }

  private removeExpired(limit: number): number {
    const expired = (['public-key', 'certificate'] as const).flatMap((kind) =>
      this.used({ ...usedRange(kind), limit }).filter(({ lastUsed }) => this.isExpired(lastUsed)),
    );
    return this.removeAll(expired.slice(0, limit));
  }

  /**
   * Anyone who can make keys, but has no certificate, makes the table forget none that has.
   * @param coming number of records about to be added
   */
  private removeSurplus(limit: number, coming: number): number {
    const surplus = entryCount(this.trees.records) + coming - this.bounds.maxEntries;
    return surplus > 0 ? this.removeAll(this.used({ limit: Math.min(limit, surplus) })) : 0;
  }

  /** In the order in which records go. */
  private used(range: { start?: Buffer; end?: Buffer; limit: number }): ReturnType<typeof readUsedKey>[] {
    return [...this.trees.used.getKeys(range)].map((key) => readUsedKey(Buffer.from(key)));
  }

  private removeAll(entries: readonly { readonly keyId: Buffer }[]): number {
    for (const { keyId } of entries) {
      const record = this.stored(keyId);
      if (record !== undefined) {
        this.remove(record);
      }
    }
    return entries.length;
  }
}

export function entryCount(tree: Tree): number {
  const stats: { readonly entryCount?: unknown } = tree.getStats();
  return typeof stats.entryCount === 'number' ? stats.entryCount : 0;
}
