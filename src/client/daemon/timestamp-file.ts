// SPDX-License-Identifier: MPL-2.0

import { existsSync, readFileSync } from 'node:fs';
import { errorText, JsonReader, replaceFile } from '../../support';
import type { SentTimestamp, TimestampMemory } from '../exchange/timestamp-source';
import { bootId } from './process-identity';

/** The file is stored beside the lease, and stays when that is removed: servers remember the timestamp longer. */
export function timestampPath(leaseFile: string): string {
  return `${leaseFile}.sent`;
}

/** The last timestamp of a client in a file. An unusable file does not end the client, which has a clock as well. */
export class TimestampFile implements TimestampMemory {
  private isTold = false;

  /** @param notice called once with what is wrong with the file */
  constructor(
    private readonly path: string,
    private readonly notice: (text: string) => void,
  ) {}

  read(): SentTimestamp | undefined {
    try {
      return existsSync(this.path) ? sentTimestampOf(readFileSync(this.path, 'utf8')) : undefined;
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

  private tell(what: string, error: unknown): void {
    if (!this.isTold) {
      this.isTold = true;
      this.notice(`the file of the last timestamp ${this.path} ${what}: ${errorText(error)}`);
    }
  }
}

/** @throws Error that says what is wrong in the file */
function sentTimestampOf(text: string): SentTimestamp {
  const json = new JsonReader(JSON.parse(text), (problem) => new Error(problem));
  const digits = json
    .member('timestamp')
    .text('1 to 16 hexadecimal digits', (value) => /^[\da-f]{1,16}$/.test(value));
  const at = json.member('at');
  // The clock of an earlier boot says nothing now.
  const isOfThisBoot = !at.isAbsent && json.member('bootId').text() === bootId();
  return { timestamp: BigInt(`0x${digits}`), at: isOfThisBoot ? at.moment() : undefined };
}
