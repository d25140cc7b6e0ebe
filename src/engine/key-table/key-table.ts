// SPDX-License-Identifier: MPL-2.0

import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { type AcceptedTimestamp, ntpFromUnixMilliseconds } from '../../crypto';
import { errorText } from '../../support';
import type { ClientIdentity } from './client-identity';
import { lastingCopy } from '../packet/lasting-copy';
import { readBootFile } from './boot-file';
import { KeyTableError } from './errors';
import { tableFiles } from './files';
import { sourceDigest } from './keys';
import { decodeRecord, type KeyRecord, newRecord } from './record';
import { entryCount, RecordStore } from './record-store';
import { Reserve } from './reserve';
import { openStore, type Store, type Trees } from './store';

export interface KeyTableOptions {
  /** The state directory, in which prepareKeyTable has prepared the table. */
  readonly directory: string;
  /** Number of keys; bare ones go first, then those of certificates, of each the least recently used. */
  readonly maxEntries: number;
  /** Seconds that a key is remembered after its last use. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A record as an administrator sees it. */
export interface KeyTableEntry {
  readonly identity: ClientIdentity;
  /** Milliseconds since 1970, to the second. */
  readonly lastUsed: number;
  readonly last: AcceptedTimestamp | undefined;
}

/**
 * The clients' keys that a server knows (docs/protocol.md 6): for each the last accepted timestamp. It is shared by
 * worker threads and processes, and survives them: every operation is one transaction of the file in the state directory. Every method but close() throws KeyTableError
 * `read-failed` or `write-failed` where the table cannot be read or written; nothing is changed then.
 */
export class KeyTable {
  private readonly trees: Trees;
  private readonly records: RecordStore;
  private readonly reserve: Reserve;
  /** Seconds by which a record may be used more recently than it says, so that a packet seldom writes. */
  private readonly coarseness: number;
  /** NTP timestamp; what was accepted up to then may be missing (boot-file.ts). */
  private readonly floor: bigint | undefined;

  private constructor(
    private readonly store: Store,
    private readonly file: string,
    options: KeyTableOptions,
  ) {
    this.trees = store.trees;
    this.records = new RecordStore(store.trees, options);
    this.reserve = new Reserve(store.root, file);
    this.coarseness = Math.min(300, Math.floor(options.lifetime / 16));
    const { floor } = readBootFile(tableFiles(options.directory).boot);
    this.floor = floor === undefined ? undefined : ntpFromUnixMilliseconds(floor);
  }

  /** @throws KeyTableError `unavailable`, `unusable-file` */
  static open(options: KeyTableOptions): KeyTable {
    const file = tableFiles(options.directory).table;
    return new KeyTable(openStore(file), file, options);
  }

  /** Number of records, expired ones that were not purged yet among them. */
  get size(): number {
    return this.read(() => entryCount(this.trees.records));
  }

  /** What is found holds nothing of the argument's memory. */
  find(keyId: Buffer): ClientIdentity | undefined {
    return this.read(() => this.records.live(lastingCopy(keyId))?.identity);
  }

  /** What is known of a key's timestamps; undefined where the key is not known. */
  timestamps(keyId: Buffer): Pick<KeyRecord, 'last'> | undefined {
    return this.read(() => this.records.live(keyId));
  }

  /** The client that last authenticated from a source (docs/protocol.md 9). */
  findByAddress(source: string): ClientIdentity | undefined {
    return this.read(() => {
      const keyId = this.trees.sources.get(sourceDigest(source));
      return keyId === undefined ? undefined : this.records.live(keyId)?.identity;
    });
  }

  /** Notes that a client authenticated from a source; only the last source of each client is kept. */
  rememberAddress(source: string, keyId: Buffer): void {
    const digest = sourceDigest(source);
    if (this.read(() => this.trees.sources.get(digest)?.equals(keyId)) === true) {
      return;
    }
    this.write(() => {
      const record = this.records.live(keyId);
      if (record !== undefined && record.source?.equals(digest) !== true) {
        this.records.takeSource(digest);
        this.records.put(record, { ...record, source: digest });
      }
    });
  }

  /**
   * Checks a timestamp against the last one accepted from the key and records it, in one step: of two copies of a
   * message, seen by two workers, one is accepted. What may have been accepted and is missing since the machine
   * stopped is checked as if a timestamp of the table's floor had just been accepted from every key.
   * @param timestamp NTP timestamp
   * @param now NTP timestamp
   * @param check the rule; only 'accept' is recorded
   */
  acceptTimestamp<Verdict extends string>(
    identity: ClientIdentity,
    timestamp: bigint,
    now: bigint,
    check: (last: AcceptedTimestamp | undefined) => Verdict,
  ): Verdict {
    return this.write(() => {
      const known = this.records.live(identity.keyId);
      let verdict = check(known?.last);
      if (verdict === 'accept' && this.isFloorInForce(now)) {
        verdict = check({ timestamp: this.floor ?? now, received: now });
      }
      if (verdict === 'accept') {
        const last = { timestamp, received: now };
        this.records.put(known, {
          ...(known ?? newRecord),
          identity,
          last,
          lastUsed: this.records.seconds(),
        });
      }
      return verdict;
    });
  }

  /** A key was used, without a timestamp: seldom worth a write. */
  noteUse(keyId: Buffer): void {
    const isNoted = this.read(() => {
      const lastUsed = this.records.lastUsed(keyId);
      return lastUsed === undefined || this.records.seconds() - lastUsed <= this.coarseness;
    });
    if (!isNoted) {
      this.write(() => {
        const record = this.records.live(keyId);
        if (record !== undefined) {
          this.records.put(record, { ...record, lastUsed: this.records.seconds() });
        }
      });
    }
  }

  /**
   * A page of the records, by key identifier.
   * @param after the key identifier that the last page ended with
   */
  list(limit: number, after?: Buffer): readonly KeyTableEntry[] {
    return this.read(() => {
      return [...this.trees.records.getRange({ ...startAfter(after), limit })].map(({ key, value }) => {
        return entryOf(decodeRecord(Buffer.from(key), value));
      });
    });
  }

  /** The record of a key, also one that has expired and was not purged yet. */
  entry(keyId: Buffer): KeyTableEntry | undefined {
    return this.read(() => {
      const record = this.records.stored(keyId);
      return record === undefined ? undefined : entryOf(record);
    });
  }

  /** Forgets a key. @returns whether there was one */
  delete(keyId: Buffer): boolean {
    return this.write(() => {
      const record = this.records.stored(keyId);
      if (record !== undefined) {
        this.records.remove(record);
      }
      return record !== undefined;
    });
  }

  /**
   * Removes expired records, and of too many the bare keys first, of each kind the least recently used.
   * @param limit of records in this transaction, which others wait for
   * @returns how many were removed
   */
  purge(limit = 100): number {
    return this.write(() => this.records.purge(limit));
  }

  /**
   * Writes what was committed to the disk. It matters only where the machine stops (store.ts), and takes its
   * time on another thread.
   */
  async flush(): Promise<void> {
    const descriptor = openSync(this.file, 'r');
    try {
      await promisify(fdatasync)(descriptor);
    } catch (error) {
      throw new KeyTableError('write-failed', errorText(error), { cause: error });
    } finally {
      closeSync(descriptor);
    }
  }

  /** Ids of other processes that have the table open. */
  otherUsers(): readonly number[] {
    return this.read(() => {
      // LMDB lists who has read, so that others find this process too; and it forgets those that are gone.
      this.records.lastUsed(Buffer.alloc(32));
      this.store.root.readerCheck();
      const pids = [...this.store.root.readerList().matchAll(/^\s*(\d+)\s/gm)].map(([, pid]) => Number(pid));
      return [...new Set(pids)].filter((pid) => pid !== process.pid);
    });
  }

  async close(): Promise<void> {
    this.reserve.close();
    await this.store.root.close();
  }

  /** Not before the floor: the clock was set back since, and nobody should have to wait until it is there again. */
  private isFloorInForce(now: bigint): boolean {
    return this.floor !== undefined && BigInt.asIntN(64, now - this.floor) >= 0n;
  }

  /** Other threads' and processes' commits are seen at once. */
  private read<Result>(action: () => Result): Result {
    try {
      this.store.root.resetReadTxn();
      return action();
    } catch (error) {
      throw this.failure('read-failed', error);
    }
  }

  private write<Result>(action: () => Result): Result {
    try {
      return this.store.root.transactionSync(() => {
        this.reserve.ensure();
        return action();
      });
    } catch (error) {
      throw this.failure('write-failed', error);
    }
  }

  private failure(code: 'read-failed' | 'write-failed', error: unknown): KeyTableError {
    return error instanceof KeyTableError
      ? error
      : new KeyTableError(code, `${this.file}: ${errorText(error)}`, { cause: error });
  }
}

/** The range of a tree behind a key. */
function startAfter(key: Buffer | undefined): { readonly start?: Buffer } {
  return key === undefined ? {} : { start: Buffer.concat([key, Buffer.of(0)]) };
}

function entryOf({ identity, last, lastUsed }: KeyRecord): KeyTableEntry {
  return { identity, last, lastUsed: lastUsed * 1000 };
}
