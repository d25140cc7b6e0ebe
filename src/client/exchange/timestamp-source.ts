// SPDX-License-Identifier: MPL-2.0

import { ntpFromUnixMilliseconds, unixMillisecondsFromNtp } from '../../crypto';

/** The last timestamp that was sent. */
export interface SentTimestamp {
  readonly timestamp: bigint;
  /** When, in milliseconds of a clock that is never set; undefined if that clock has restarted. */
  readonly at: number | undefined;
}

/** Keeps the last timestamp beyond the end of a process. */
export interface TimestampMemory {
  read(): SentTimestamp | undefined;
  write(sent: SentTimestamp): void;
}

export interface SteadyTime {
  /** A clock that is never set: milliseconds since any fixed moment. */
  readonly steady: () => number;
  readonly memory?: TimestampMemory | undefined;
  /** Called when the wall clock went back, once for each time. */
  readonly notice: (text: string) => void;
}

/** docs/protocol.md 6: servers refuse a timestamp this far from their clock; NTP units. */
const DELTA = 300n << 32n;

/** Steps back that are not reported; NTP units. */
const SLIGHT = 1n << 32n;

/**
 * The share of the time passed by which timestamps advance while the clock is behind them: more than servers require
 * (0.99, docs/protocol.md 6), and less than 1, so that the clock catches up.
 */
const [PASSING, WHOLE] = [995n, 1000n] as const;

/**
 * The client's own timestamps: the wall clock, but always later than the last one (docs/protocol.md 6). If the clock was
 * set back, they continue from the last one as time passes, since a server that has accepted that one accepts no earlier
 * one. If the last one is 300 s or more ahead of the clock, they follow the clock: either no server accepted it, or none
 * accepts what follows it.
 */
export class TimestampSource {
  private last: SentTimestamp | undefined;
  private isTold = false;

  /** @param time undefined if timestamps need only increase */
  constructor(
    private readonly now: () => number,
    private readonly time?: SteadyTime,
  ) {
    this.last = time?.memory?.read();
  }

  next(): bigint {
    const wall = ntpFromUnixMilliseconds(this.now());
    const at = this.time?.steady();
    const least = this.last === undefined ? wall : following(this.last, at);
    const behind = BigInt.asIntN(64, least - wall);
    if (behind > SLIGHT) {
      this.tell(wall, behind);
    } else {
      this.isTold = false;
    }
    const timestamp = behind > 0n && behind < DELTA ? BigInt.asUintN(64, least) : wall;
    this.last = { timestamp, at };
    this.time?.memory?.write(this.last);
    return timestamp;
  }

  private tell(wall: bigint, behind: bigint): void {
    if (this.isTold) {
      return;
    }
    this.isTold = true;
    const consequence =
      behind < DELTA
        ? "timestamps continue from the last message's, and servers whose clock is right accept them"
        : 'servers that accepted that message accept no other until the clock is past it: set the clock if it is wrong';
    this.time?.notice(
      `this system's clock went back: it says ${timeText(wall)}, ${behind >> 32n} s before what this client's last ` +
        `message leads to; ${consequence}`,
    );
  }
}

/** The least timestamp that may follow another. */
function following({ timestamp, at }: SentTimestamp, now: number | undefined): bigint {
  const passed = at === undefined || now === undefined ? 0 : Math.max(0, Math.floor(now - at));
  const units = ((BigInt(passed) << 32n) * PASSING) / (1000n * WHOLE);
  return timestamp + (units > 0n ? units : 1n);
}

function timeText(timestamp: bigint): string {
  return new Date(unixMillisecondsFromNtp(timestamp)).toISOString();
}
