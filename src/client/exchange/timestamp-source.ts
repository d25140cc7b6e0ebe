// SPDX-License-Identifier: MPL-2.0

import { ntpFromUnixMilliseconds, unixMillisecondsFromNtp } from '../../crypto';

/** The last timestamp that was sent. */
export interface SentTimestamp {
  readonly timestamp: bigint;
  /** When, by a clock that nobody sets, in milliseconds; undefined where that clock began anew since. */
  readonly at: number | undefined;
}

/** Keeps the last timestamp over the end of a process. */
export interface TimestampMemory {
  read(): SentTimestamp | undefined;
  write(sent: SentTimestamp): void;
}

export interface SteadyTime {
  /** A clock that nobody sets: milliseconds since any fixed moment. */
  readonly steady: () => number;
  readonly memory?: TimestampMemory | undefined;
  /** Hears that the wall clock went back, once for each time. */
  readonly notice: (text: string) => void;
}

/** docs/protocol.md 6: no server takes a timestamp that is so far from its clock; NTP units. */
const DELTA = 300n << 32n;

/** Steps back that nobody needs to hear of. */
const SLIGHT = 1n << 32n;

/**
 * So much of the time that has passed is added to a timestamp that the clock has fallen behind: more than servers demand
 * (0.99, docs/protocol.md 6), and less than all, so that the clock comes up with it.
 */
const [PASSING, WHOLE] = [995n, 1000n] as const;

/**
 * The client's own timestamps: the wall clock, but always later than the last one (docs/protocol.md 6). Where the clock was
 * set back they go on from the last one, as fast as time passes: a server that has taken that one takes no other. Not so
 * where the last one lies 300 s or more ahead of the clock: then either no server took it, or none takes what follows it.
 */
export class TimestampSource {
  private last: SentTimestamp | undefined;
  private isTold = false;

  /** @param time undefined where timestamps need only increase */
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
        ? "timestamps go on from the last message's, and servers whose clock is right take them"
        : 'servers that took that message take no other until the clock is past it: set the clock if it is wrong';
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
