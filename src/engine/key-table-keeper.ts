// SPDX-License-Identifier: MPL-2.0

import { KeyTable, type KeyTableOptions, prepareKeyTable } from './key-table';

type Log = (severity: 0 | 1 | 2 | 3, text: string) => void;

/** Milliseconds. What a stopped machine can lose, and how long an expired key may stay. */
const flushInterval = 5_000;
const purgeInterval = 10_000;

/** Keeps the key table in order while a session lasts: writes it to the disk, takes out what has expired. */
export class KeyTableKeeper {
  private readonly timers: readonly NodeJS.Timeout[];
  private failing = false;

  private constructor(
    readonly table: KeyTable,
    private readonly log: Log,
  ) {
    const every = (interval: number, task: () => unknown): NodeJS.Timeout =>
      setInterval(() => void this.attempt(task), interval);
    this.timers = [every(flushInterval, () => table.flush()), every(purgeInterval, () => table.purge())];
  }

  /** @throws KeyTableError where there can be no key table */
  static async start(options: KeyTableOptions, log: Log): Promise<KeyTableKeeper> {
    const { notices } = await prepareKeyTable(options.directory, undefined, options.now);
    for (const notice of notices) {
      log(2, notice);
    }
    return new KeyTableKeeper(KeyTable.open(options), log);
  }

  close(): void {
    for (const timer of this.timers) {
      clearInterval(timer);
    }
  }

  /** A full disk is said once, and once when it is over. */
  private async attempt(task: () => unknown): Promise<void> {
    try {
      await task();
      if (this.failing) {
        this.failing = false;
        this.log(1, 'The key table can be written again.');
      }
    } catch (error) {
      if (!this.failing) {
        this.failing = true;
        const reason = error instanceof Error ? error.message : String(error);
        this.log(3, `The key table cannot be written: ${reason}. What needs no write is still served.`);
      }
    }
  }
}
