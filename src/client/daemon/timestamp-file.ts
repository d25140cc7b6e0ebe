// SPDX-License-Identifier: MPL-2.0

import { existsSync, readFileSync } from 'node:fs';
import { errorText, replaceFile } from '../../support';
import type { SentTimestamp, TimestampMemory } from '../exchange/timestamp-source';
import { bootId } from './process-identity';

/** The last timestamp lies beside the lease, and stays when that is gone: servers know it longer. */
export function timestampPath(leaseFile: string): string {
  return `${leaseFile}.sent`;
}

/** The last timestamp of a client in a file. What is wrong with the file ends nothing: the client has a clock as well. */
export class TimestampFile implements TimestampMemory {
  private isTold = false;

  /** @param notice hears once what is wrong with the file */
  constructor(
    private readonly path: string,
    private readonly notice: (text: string) => void,
  ) {}

  read(): SentTimestamp | undefined {
    try {
      return existsSync(this.path) ? this.parse(JSON.parse(readFileSync(this.path, 'utf8'))) : undefined;
    } catch (error) {
      this.tell('cannot be read', error);
      return undefined;
    }
  }

  write({ timestamp, at }: SentTimestamp): void {
    const record = { timestamp: timestamp.toString(16), at, bootId: bootId() };
    try {
      replaceFile(this.path, `${JSON.stringify(record)}\n`);
    } catch (error) {
      this.tell('cannot be written', error);
    }
  }

  private parse(json: unknown): SentTimestamp | undefined {
    const map = new Map<string, unknown>(
      typeof json === 'object' && json !== null ? Object.entries(json) : [],
    );
    const [digits, at] = [map.get('timestamp'), map.get('at')];
    if (typeof digits !== 'string' || !/^[\da-f]{1,16}$/.test(digits)) {
      this.tell('holds no timestamp');
      return undefined;
    }
    // Of an earlier start of the machine its clock says nothing now.
    const isOfThisStart = typeof at === 'number' && map.get('bootId') === bootId();
    return { timestamp: BigInt(`0x${digits}`), at: isOfThisStart ? at : undefined };
  }

  private tell(what: string, error?: unknown): void {
    if (this.isTold) {
      return;
    }
    this.isTold = true;
    const reason = error === undefined ? '' : `: ${errorText(error)}`;
    this.notice(`the file of the last timestamp ${this.path} ${what}${reason}`);
  }
}
