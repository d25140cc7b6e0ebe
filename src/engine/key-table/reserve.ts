// SPDX-License-Identifier: MPL-2.0

import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';

/** More than any one transaction of key-table.ts adds. */
const headroom = 4 * 1024 * 1024;
const step = 4 * 1024 * 1024;
const zeros = Buffer.alloc(64 * 1024);

/**
 * Keeps room at the end of the table's file, so that a disk that is full is met here and not in LMDB, whose
 * binding does not survive a write that fails: it writes its message beyond the end of the memory that it
 * got for it. Blocks that are there are written over without fail by all file systems that do not copy on
 * write.
 */
export class Reserve {
  private descriptor: number | undefined;
  /** Of the file, when it was last looked at; it only grows. */
  private size = 0;

  constructor(
    private readonly root: RootDatabase<Buffer, Buffer>,
    private readonly file: string,
  ) {}

  /**
   * To be called in a write transaction, before the first change: nobody else writes to the file meanwhile.
   * @throws Error of the system (ENOSPC, EDQUOT, EFBIG …)
   */
  ensure(): void {
    const needed = this.usedLength() + headroom;
    if (this.size >= needed) {
      return;
    }
    this.descriptor ??= openSync(this.file, 'r+');
    this.size = fstatSync(this.descriptor).size;
    while (this.size < needed + step) {
      this.size += writeSync(this.descriptor, zeros, 0, zeros.length, this.size);
    }
  }

  close(): void {
    if (this.descriptor !== undefined) {
      closeSync(this.descriptor);
      this.descriptor = undefined;
    }
  }

  private usedLength(): number {
    const { lastPageNumber, pageSize }: { lastPageNumber?: unknown; pageSize?: unknown } =
      this.root.getStats();
    if (typeof lastPageNumber !== 'number' || typeof pageSize !== 'number') {
      throw new Error('LMDB does not tell how much of its file it uses');
    }
    return (lastPageNumber + 1) * pageSize;
  }
}
