// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import { KeyTable, type KeyTableOptions, prepareKeyTable } from '.';

type Log = (severity: 0 | 1 | 2 | 3, text: string) => void;

/** Milliseconds. What a stopped machine can lose, and how long an expired key may stay. */
const flushInterval = 5_000;
const purgeInterval = 10_000;

/** Keeps the key table in order while a session lasts: writes it to the disk, takes out what has expired. */
export class KeyTableKeeper {
  private readonly timers: readonly NodeJS.Timeout[];
  /** The tasks that failed when they were tried last: on a full disk a flush may succeed where a purge fails. */
  private readonly failing = new Set<string>();
  /** Other processes that were there at the last look, and whether they were said. */
  private others: readonly number[] = [];
  private isShared = false;

  private constructor(
    readonly table: KeyTable,
    private readonly directory: string,
    private readonly log: Log,
  ) {
    const every = (interval: number, name: string, task: () => unknown): NodeJS.Timeout =>
      setInterval(() => void this.attempt(name, task), interval);
    this.timers = [
      every(flushInterval, 'flush', () => table.flush()),
      every(purgeInterval, 'purge', () => table.purge()),
      setInterval(() => {
        this.lookForOthers();
      }, purgeInterval),
    ];
  }

  /** @throws KeyTableError where there can be no key table */
  static async start(options: KeyTableOptions, log: Log): Promise<KeyTableKeeper> {
    const { notices } = await prepareKeyTable(options.directory, undefined, options.now);
    for (const notice of notices) {
      log(2, notice);
    }
    return new KeyTableKeeper(KeyTable.open(options), options.directory, log);
  }

  close(): void {
    for (const timer of this.timers) {
      clearInterval(timer);
    }
  }

  /**
   * Two servers with one table harm nobody: each knows what the other has accepted. But a client that asks both at once
   * is refused by one of them. An engine that only checks a configuration is gone by the next look.
   */
  private lookForOthers(): void {
    let found: readonly number[];
    try {
      found = this.table.otherUsers();
    } catch {
      // A table that cannot be read is said elsewhere.
      return;
    }
    const stayed = found.filter((pid) => this.others.includes(pid));
    if (stayed.length > 0 && !this.isShared) {
      this.log(
        2,
        `"state-directory" is "${this.directory}", which is in use by another process too (${stayed.join(', ')}): ` +
          'give each server a directory of its own, or clients are refused that ask both.',
      );
    }
    this.isShared = stayed.length > 0;
    this.others = found;
  }

  /** A full disk is said once, and once when it is over. */
  private async attempt(name: string, task: () => unknown): Promise<void> {
    try {
      await task();
      if (this.failing.delete(name) && this.failing.size === 0) {
        this.log(1, 'The key table can be written again.');
      }
    } catch (error) {
      const isFirst = this.failing.size === 0;
      this.failing.add(name);
      if (isFirst) {
        const reason = errorText(error);
        this.log(3, `The key table cannot be written: ${reason}. What needs no write is still served.`);
      }
    }
  }
}
