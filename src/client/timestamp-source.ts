// SPDX-License-Identifier: MPL-2.0

import { ntpFromUnixMilliseconds } from '../crypto';

/** The client's own timestamps: the wall clock, but always later than the last one (docs/protocol.md 6). */
export class TimestampSource {
  private last = 0n;

  constructor(private readonly now: () => number) {}

  next(): bigint {
    const time = ntpFromUnixMilliseconds(this.now());
    this.last = time > this.last ? time : this.last + 1n;
    return this.last;
  }
}
