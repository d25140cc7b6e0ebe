// SPDX-License-Identifier: MPL-2.0

import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { type AcceptedTimestamp, ntpFromUnixMilliseconds } from '../../crypto';
import type { ClientIdentity } from '../client-identity';
import { readBootFile } from './boot-file';
import { KeyTableError, reasonOf } from './errors';
import { tableFiles } from './files';
import { readUsedKey, sourceDigest, usedKey } from './keys';
import { decodeRecord, encodeRecord, type KeyRecord } from './record';
import { isRenewal } from './renewal';
import { Reserve } from './reserve';
import { openStore, type Store, type Tree } from './store';

export interface KeyTableOptions {
  /** The state directory, in which prepareKeyTable has prepared the table. */
  readonly directory: string;
  /** Number of keys; the least recently used go first. */
  readonly maxEntries: number;
  /** Seconds that a key is remembered after its last use. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called after each change that ended the binding of a DUID, but not where it moved to another key. */
  readonly unbound?: (duid: Buffer) => void;
}

export type Binding = 'bound' | 'already' | 'moved' | 'refused';

/** A record as an administrator sees it. */
export interface KeyTableEntry {
  readonly identity: ClientIdentity;
  /** Milliseconds since 1970, to the second. */
  readonly lastUsed: number;
  readonly last: AcceptedTimestamp | undefined;
  readonly duids: readonly Buffer[];
}

/** A DUID that is bound to a key. */
export interface KeyTableBinding {
  readonly duid: Buffer;
  readonly identity: ClientIdentity;
  /** It is the DUID derived from the key (docs/protocol.md 5). */
  readonly isDerived: boolean;
}

/** RFC 8415 section 11.1: two octets of type and at most 128 more. */
const longestDuid = 130;

/** An expired record or two more than comes in goes with each new one. */
const expiredPerInsertion = 4;

const nothing = Buffer.alloc(0);

/**
 * The clients' keys that a server knows (docs/protocol.md 6 and 8): for each the last accepted timestamp and
 * the Client Identifiers bound to it. It is shared by worker threads and processes, and survives them: every
 * operation is one transaction of the file in the state directory.
 *
 * All methods throw KeyTableError where the table cannot be read or written; nothing is changed then.
 */
export class KeyTable {
  private readonly trees: Store['trees'];
  private readonly reserve: Reserve;
  /** Seconds by which a record may be used more recently than it says, so that a packet seldom writes. */
  private readonly coarseness: number;
  /** NTP timestamp; what was accepted up to then may be missing (boot-file.ts). */
  private readonly floor: bigint | undefined;
  /** The DUIDs whose binding ended in the transaction under way. */
  private ended: Buffer[] = [];

  private constructor(
    private readonly store: Store,
    private readonly file: string,
    private readonly options: KeyTableOptions,
  ) {
    this.trees = store.trees;
    this.reserve = new Reserve(store.root, file);
    this.coarseness = Math.min(300, Math.floor(options.lifetime / 16));
    const { floor } = readBootFile(tableFiles(options.directory).boot);
    this.floor = floor === undefined ? undefined : ntpFromUnixMilliseconds(floor);
  }

  /** @throws KeyTableError */
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
    return this.read(() => this.live(Buffer.from(keyId))?.identity);
  }

  /** What is known of a key's timestamps; undefined where the key is not known. */
  timestamps(keyId: Buffer): Pick<KeyRecord, 'last'> | undefined {
    return this.read(() => this.live(keyId));
  }

  /** The client that last authenticated from a source (docs/protocol.md 4.5). */
  findByAddress(source: string): ClientIdentity | undefined {
    return this.read(() => {
      const keyId = this.trees.sources.get(sourceDigest(source));
      return keyId === undefined ? undefined : this.live(keyId)?.identity;
    });
  }

  /** Notes that a client authenticated from a source; only the last source of each client is kept. */
  rememberAddress(source: string, keyId: Buffer): void {
    const digest = sourceDigest(source);
    if (this.read(() => this.trees.sources.get(digest)?.equals(keyId)) === true) {
      return;
    }
    this.write(() => {
      const record = this.live(keyId);
      if (record !== undefined && record.source?.equals(digest) !== true) {
        this.takeSource(digest);
        this.put(record, { ...record, source: digest });
      }
    });
  }

  /**
   * Judges a timestamp by the last one accepted from the key and records it, in one step: of two copies of a
   * message, seen by two workers, one is accepted. What may have been accepted and is missing since the machine
   * stopped is judged as if a timestamp of the table's floor had just been accepted from every key.
   * @param timestamp, now NTP timestamps
   * @param check the rule; only 'accept' is recorded
   */
  acceptTimestamp<Verdict extends string>(
    identity: ClientIdentity,
    timestamp: bigint,
    now: bigint,
    check: (last: AcceptedTimestamp | undefined) => Verdict,
  ): Verdict {
    return this.write(() => {
      const known = this.live(identity.keyId);
      let verdict = check(known?.last);
      if (verdict === 'accept' && this.isFloorInForce(now)) {
        verdict = check({ timestamp: this.floor ?? now, received: now });
      }
      if (verdict === 'accept') {
        const last = { timestamp, received: now };
        this.put(known, { ...(known ?? newRecord), identity, last, lastUsed: this.seconds() });
      }
      return verdict;
    });
  }

  /**
   * Binds the first DUID that a key uses to it, and the key to the DUID (docs/protocol.md 8).
   * @param derived the DUID is the one derived from the key: it is bound beside another, and is not the first
   */
  bind(duid: Buffer, client: ClientIdentity, derived: boolean): Binding {
    if (duid.length === 0 || duid.length > longestDuid) {
      return 'refused';
    }
    const isSettled = this.read(() => {
      const record = this.live(client.keyId);
      return record !== undefined && isBoundTo(record, duid) && !this.isStale(record);
    });
    return isSettled ? 'already' : this.write(() => this.bindNow(duid, client, derived));
  }

  private bindNow(duid: Buffer, client: ClientIdentity, derived: boolean): Binding {
    const known = this.live(client.keyId);
    const record = { ...(known ?? { ...newRecord, identity: client }), lastUsed: this.seconds() };
    if (known !== undefined && isBoundTo(known, duid)) {
      this.put(known, record);
      return 'already';
    }
    if (!derived && record.duid !== undefined) {
      return 'refused';
    }
    const ownerId = this.trees.duids.get(duid);
    const owner = ownerId === undefined ? undefined : this.live(ownerId);
    if (owner !== undefined) {
      if (derived || !isRenewal(owner.identity, client)) {
        return 'refused';
      }
      this.put(owner, { ...owner, duid: undefined });
    }
    this.put(known, derived ? { ...record, derivedDuid: duid } : { ...record, duid });
    this.ended = this.ended.filter((other) => !other.equals(duid));
    return owner === undefined ? 'bound' : 'moved';
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
      const record = this.stored(keyId);
      return record === undefined ? undefined : entryOf(record);
    });
  }

  /**
   * A page of the bindings, by DUID.
   * @param after the DUID that the last page ended with
   */
  bindings(limit: number, after?: Buffer): readonly KeyTableBinding[] {
    return this.read(() => {
      return [...this.trees.duids.getRange({ ...startAfter(after), limit })].flatMap(({ key, value }) => {
        const record = this.stored(value);
        const duid = Buffer.from(key);
        return record === undefined
          ? []
          : [{ duid, identity: record.identity, isDerived: record.derivedDuid?.equals(duid) === true }];
      });
    });
  }

  get bindingCount(): number {
    return this.read(() => entryCount(this.trees.duids));
  }

  isBound(duid: Buffer): boolean {
    return this.read(() => this.trees.duids.get(duid) !== undefined);
  }

  /**
   * The DUIDs that are bound, in their order: all, or a page of them.
   * @param after the DUID that the last page ended with
   */
  boundDuids(limit?: number, after?: Buffer): readonly Buffer[] {
    return this.read(() => {
      const range = { ...(limit !== undefined && { limit }), ...startAfter(after) };
      return [...this.trees.duids.getKeys(range)].map((key) => Buffer.from(key));
    });
  }

  /** Forgets a key. @returns whether there was one */
  delete(keyId: Buffer): boolean {
    return this.write(() => {
      const record = this.stored(keyId);
      if (record !== undefined) {
        this.remove(record);
      }
      return record !== undefined;
    });
  }

  /** Ends the binding of a DUID. @returns whether there was one */
  clearBinding(duid: Buffer): boolean {
    return this.write(() => this.endBinding(duid));
  }

  /** Ends every binding. @returns how many there were */
  clearBindings(): number {
    const duids = this.boundDuids();
    let cleared = 0;
    for (let at = 0; at < duids.length; at += 100) {
      const some = duids.slice(at, at + 100);
      cleared += this.write(() => some.filter((duid) => this.endBinding(duid)).length);
    }
    return cleared;
  }

  /**
   * Removes expired records, and the least recently used of too many.
   * @param limit of records in this transaction, which others wait for
   * @returns how many were removed
   */
  purge(limit = 100): number {
    return this.write(() => this.removeExpired(limit) + this.removeSurplus(limit, 0));
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
      throw new KeyTableError('write-failed', reasonOf(error), { cause: error });
    } finally {
      closeSync(descriptor);
    }
  }

  /** Ids of other processes that have the table open. */
  otherUsers(): readonly number[] {
    return this.read(() => {
      // LMDB forgets those that are gone.
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

  private seconds(): number {
    return Math.floor(this.options.now() / 1000);
  }

  private isStale(record: KeyRecord): boolean {
    return this.seconds() - record.lastUsed > this.coarseness;
  }

  private isExpired(lastUsed: number): boolean {
    return lastUsed + this.options.lifetime <= this.seconds();
  }

  private stored(keyId: Buffer): KeyRecord | undefined {
    const octets = this.trees.records.get(keyId);
    return octets === undefined ? undefined : decodeRecord(keyId, octets);
  }

  private live(keyId: Buffer): KeyRecord | undefined {
    const record = this.stored(keyId);
    return record === undefined || this.isExpired(record.lastUsed) ? undefined : record;
  }

  /** Writes a record and what changed of it in the indices. @param known the record that is there now */
  private put(known: KeyRecord | undefined, record: KeyRecord): void {
    const { keyId } = record.identity;
    if (known === undefined) {
      this.makeRoom(keyId);
    }
    if (known?.lastUsed !== record.lastUsed) {
      if (known !== undefined) {
        this.trees.used.removeSync(usedKey(known.lastUsed, keyId));
      }
      this.trees.used.putSync(usedKey(record.lastUsed, keyId), nothing);
    }
    this.putIndex(this.trees.duids, known?.duid, record.duid, keyId);
    this.putIndex(this.trees.duids, known?.derivedDuid, record.derivedDuid, keyId);
    this.putIndex(this.trees.sources, known?.source, record.source, keyId);
    this.trees.records.putSync(keyId, encodeRecord(record));
  }

  /** Before a record is added: an expired one of the same key goes with all that it had. */
  private makeRoom(keyId: Buffer): void {
    const expired = this.stored(keyId);
    if (expired !== undefined) {
      this.remove(expired);
    }
    this.removeExpired(expiredPerInsertion);
    this.removeSurplus(expiredPerInsertion, 1);
  }

  private putIndex(tree: Tree, before: Buffer | undefined, after: Buffer | undefined, keyId: Buffer): void {
    if (before !== undefined && after?.equals(before) !== true) {
      this.removeIndex(tree, before, keyId);
    }
    if (after !== undefined && before?.equals(after) !== true) {
      this.takeExpired(tree, after);
      tree.putSync(after, keyId);
    }
  }

  /** An index entry that is left is an expired record's: it goes before its key is given to another one. */
  private takeExpired(tree: Tree, key: Buffer): void {
    const ownerId = tree.get(key);
    const owner = ownerId === undefined ? undefined : this.stored(ownerId);
    if (owner !== undefined) {
      this.remove(owner);
    }
  }

  private removeIndex(tree: Tree, key: Buffer, keyId: Buffer): void {
    if (tree.get(key)?.equals(keyId) === true) {
      tree.removeSync(key);
    }
  }

  /** Takes a source from the client that had it. */
  private takeSource(digest: Buffer): void {
    const ownerId = this.trees.sources.get(digest);
    const owner = ownerId === undefined ? undefined : this.stored(ownerId);
    if (owner !== undefined) {
      this.put(owner, { ...owner, source: undefined });
    }
  }

  private remove(record: KeyRecord): void {
    const { keyId } = record.identity;
    this.trees.records.removeSync(keyId);
    this.trees.used.removeSync(usedKey(record.lastUsed, keyId));
    if (record.source !== undefined) {
      this.removeIndex(this.trees.sources, record.source, keyId);
    }
    for (const duid of [record.duid, record.derivedDuid]) {
      if (duid !== undefined) {
        this.removeIndex(this.trees.duids, duid, keyId);
        this.ended.push(duid);
      }
    }
  }

  private endBinding(duid: Buffer): boolean {
    const ownerId = this.trees.duids.get(duid);
    const owner = ownerId === undefined ? undefined : this.stored(ownerId);
    if (owner === undefined) {
      return false;
    }
    const isOwn = owner.duid?.equals(duid) === true;
    this.put(owner, isOwn ? { ...owner, duid: undefined } : { ...owner, derivedDuid: undefined });
    this.ended.push(duid);
    return true;
  }

  private removeExpired(limit: number): number {
    const oldest = this.oldest(limit).filter(({ lastUsed }) => this.isExpired(lastUsed));
    return this.removeAll(oldest);
  }

  /** @param coming number of records about to be added */
  private removeSurplus(limit: number, coming: number): number {
    const surplus = entryCount(this.trees.records) + coming - this.options.maxEntries;
    return surplus > 0 ? this.removeAll(this.oldest(Math.min(limit, surplus))) : 0;
  }

  private oldest(limit: number): { readonly lastUsed: number; readonly keyId: Buffer }[] {
    return [...this.trees.used.getKeys({ limit })].map((key) => readUsedKey(Buffer.from(key)));
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
    this.ended = [];
    let result: Result;
    try {
      result = this.store.root.transactionSync(() => {
        this.reserve.ensure();
        return action();
      });
    } catch (error) {
      throw this.failure('write-failed', error);
    }
    for (const duid of this.ended) {
      this.options.unbound?.(duid);
    }
    return result;
  }

  private failure(code: 'read-failed' | 'write-failed', error: unknown): KeyTableError {
    return error instanceof KeyTableError
      ? error
      : new KeyTableError(code, `${this.file}: ${reasonOf(error)}`, { cause: error });
  }
}

const newRecord = {
  last: undefined,
  lastUsed: 0,
  duid: undefined,
  derivedDuid: undefined,
  source: undefined,
} as const;

/** The range of a tree behind a key. */
function startAfter(key: Buffer | undefined): { readonly start?: Buffer } {
  return key === undefined ? {} : { start: Buffer.concat([key, Buffer.of(0)]) };
}

function entryOf({ identity, last, lastUsed, duid, derivedDuid }: KeyRecord): KeyTableEntry {
  const duids = [duid, derivedDuid].filter((bound) => bound !== undefined);
  return { identity, last, lastUsed: lastUsed * 1000, duids };
}

function isBoundTo(record: KeyRecord, duid: Buffer): boolean {
  return record.duid?.equals(duid) === true || record.derivedDuid?.equals(duid) === true;
}

function entryCount(tree: Tree): number {
  const stats: { readonly entryCount?: unknown } = tree.getStats();
  return typeof stats.entryCount === 'number' ? stats.entryCount : 0;
}
