// SPDX-License-Identifier: MPL-2.0

import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { type AcceptedTimestamp, ntpFromUnixMilliseconds } from '../../crypto';
import { MAX_DUID_LENGTH } from '../../dhcpv6';
import { errorText } from '../../support';
import { type ClientIdentity, isRenewal } from './client-identity';
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
  /** Called after each change that bound a DUID, or moved it to another key. */
  readonly bound?: (duid: Buffer) => void;
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
  /** It is the DUID derived from the key (docs/protocol.md 5.2). */
  readonly isDerived: boolean;
}

/**
 * The clients' keys that a server knows (docs/protocol.md 6 and 8): for each the last accepted timestamp and
 * the Client Identifiers bound to it. It is shared by worker threads and processes, and survives them: every
 * operation is one transaction of the file in the state directory. Every method but close() throws KeyTableError
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
    private readonly options: KeyTableOptions,
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
   * @param derivedDuid the DUID derived from the key, to be bound to it in the same step
   */
  acceptTimestamp<Verdict extends string>(
    identity: ClientIdentity,
    timestamp: bigint,
    now: bigint,
    check: (last: AcceptedTimestamp | undefined) => Verdict,
    derivedDuid?: Buffer,
  ): Verdict {
    let binding: Binding = 'already';
    const outcome = this.write(() => {
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
        if (derivedDuid !== undefined && (known === undefined || !isBoundTo(known, derivedDuid))) {
          binding = this.bindNow(derivedDuid, identity, true);
        }
      }
      return verdict;
    });
    this.notifyBound(binding, derivedDuid);
    return outcome;
  }

  /**
   * Binds the first DUID that a key uses to it, and the key to the DUID (docs/protocol.md 8).
   * @param derived the DUID is the one derived from the key: it is bound beside another, is not the first, and is the
   * key's whichever other key it was bound to
   */
  bind(duid: Buffer, client: ClientIdentity, derived: boolean): Binding {
    if (this.isSettled(duid, client)) {
      return 'already';
    }
    const outcome = this.write(() => this.bindNow(duid, client, derived));
    this.notifyBound(outcome, duid);
    return outcome;
  }

  /** What {@link bind} would do about a DUID that is not derived from the key; changes nothing. */
  wouldBind(duid: Buffer, client: ClientIdentity): Binding {
    return this.read(() => this.outcomeOf(duid, client, false));
  }

  /** Whether a DUID is bound to a key whose use has been noted lately: there is nothing to be done then. */
  isSettled(duid: Buffer, client: ClientIdentity): boolean {
    return this.read(() => {
      const isBound = isBindable(duid) && this.trees.duids.get(duid)?.equals(client.keyId) === true;
      const lastUsed = isBound ? this.records.lastUsed(client.keyId) : undefined;
      // What is not stale has not expired either.
      return lastUsed !== undefined && this.records.seconds() - lastUsed <= this.coarseness;
    });
  }

  private notifyBound(outcome: Binding, duid: Buffer | undefined): void {
    if (duid !== undefined && (outcome === 'bound' || outcome === 'moved')) {
      this.options.bound?.(duid);
    }
  }

  private bindNow(duid: Buffer, client: ClientIdentity, derived: boolean): Binding {
    const outcome = this.outcomeOf(duid, client, derived);
    if (outcome === 'refused') {
      return outcome;
    }
    if (outcome === 'moved') {
      this.records.endBinding(duid);
    }
    const known = this.records.live(client.keyId);
    const record = { ...(known ?? { ...newRecord, identity: client }), lastUsed: this.records.seconds() };
    if (outcome === 'already') {
      this.records.put(known, record);
      return outcome;
    }
    this.records.put(known, derived ? { ...record, derivedDuid: duid } : { ...record, duid });
    this.records.keepBinding(duid);
    return outcome;
  }

  /** What binding a DUID comes to. */
  private outcomeOf(duid: Buffer, client: ClientIdentity, derived: boolean): Binding {
    if (!isBindable(duid)) {
      return 'refused';
    }
    const known = this.records.live(client.keyId);
    if (known !== undefined && isBoundTo(known, duid)) {
      return 'already';
    }
    if (!derived && known?.duid !== undefined) {
      return 'refused';
    }
    const ownerId = this.trees.duids.get(duid);
    const owner = ownerId === undefined ? undefined : this.records.live(ownerId);
    if (owner === undefined) {
      return 'bound';
    }
    const isTheirs = owner.derivedDuid?.equals(duid) === true || !isRenewal(owner.identity, client);
    return isTheirs && !derived ? 'refused' : 'moved';
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

  /**
   * A page of the bindings, by DUID.
   * @param after the DUID that the last page ended with
   */
  bindings(limit: number, after?: Buffer): readonly KeyTableBinding[] {
    return this.read(() => {
      return [...this.trees.duids.getRange({ ...startAfter(after), limit })].flatMap(({ key, value }) => {
        const record = this.records.stored(value);
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
      const record = this.records.stored(keyId);
      if (record !== undefined) {
        this.records.remove(record);
      }
      return record !== undefined;
    });
  }

  /** Ends the binding of a DUID. @returns whether there was one */
  clearBinding(duid: Buffer): boolean {
    return this.clearBindings([duid]) > 0;
  }

  /**
   * Ends the bindings of some DUIDs.
   * @param duids as many as one transaction may have, which others wait for
   * @returns how many there were
   */
  clearBindings(duids: readonly Buffer[]): number {
    return this.write(() => duids.filter((duid) => this.records.endBinding(duid)).length);
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
    this.records.ended = [];
    let result: Result;
    try {
      result = this.store.root.transactionSync(() => {
        this.reserve.ensure();
        return action();
      });
    } catch (error) {
      throw this.failure('write-failed', error);
    }
    for (const duid of this.records.ended) {
      this.options.unbound?.(duid);
    }
    return result;
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

function entryOf({ identity, last, lastUsed, duid, derivedDuid }: KeyRecord): KeyTableEntry {
  const duids = [duid, derivedDuid].filter((bound) => bound !== undefined);
  return { identity, last, lastUsed: lastUsed * 1000, duids };
}

/** LMDB takes no key that is empty or much longer. */
function isBindable({ length }: Buffer): boolean {
  return length > 0 && length <= MAX_DUID_LENGTH;
}

function isBoundTo(record: KeyRecord, duid: Buffer): boolean {
  return record.duid?.equals(duid) === true || record.derivedDuid?.equals(duid) === true;
}
