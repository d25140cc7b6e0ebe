// SPDX-License-Identifier: MPL-2.0

/** Settings of the acceptance rule (docs/protocol.md 6). */
export interface TimestampRules {
  /** Seconds that a timestamp may be away from the receiver's clock. */
  readonly delta: number;
  /** Seconds of jitter allowed between two messages. */
  readonly fuzz: number;
  /** Drift allowed between the two clocks, as a fraction (0.01 is 1 %). */
  readonly drift: number;
}

/** The last timestamp accepted from a key, and when it was received: NTP timestamps. */
export interface AcceptedTimestamp {
  readonly timestamp: bigint;
  readonly received: bigint;
}

/** All NTP timestamps. */
export interface TimestampCheckInput {
  readonly timestamp: bigint;
  readonly now: bigint;
  /** Undefined if the key has not been seen before. */
  readonly last?: AcceptedTimestamp | undefined;
}

export type TimestampVerdict = 'accept' | 'too-old' | 'too-new' | 'copy' | 'not-newer' | 'drift';

/** Settings are exact to a millionth; everything is compared in millionths of an NTP unit, in integers. */
const scale = 1_000_000n;

function millionths(setting: number): bigint {
  return BigInt(Math.round(setting * Number(scale)));
}

/** Difference of two NTP timestamps, right across the wrap of 2036. */
function difference(later: bigint, earlier: bigint): bigint {
  return BigInt.asIntN(64, later - earlier);
}

/** The acceptance rule of docs/protocol.md 6 (RFC 3971 section 5.3.4.2). Changes nothing: the caller records. */
export function checkTimestamp(input: TimestampCheckInput, rules: TimestampRules): TimestampVerdict {
  const { timestamp, now, last } = input;
  // What came again is no failure, however late it comes.
  if (timestamp === last?.timestamp) {
    return 'copy';
  }
  const delta = millionths(rules.delta) << 32n;
  const ahead = difference(timestamp, now) * scale;
  if (ahead <= -delta) {
    return 'too-old';
  }
  if (ahead >= delta) {
    return 'too-new';
  }
  if (last === undefined) {
    return 'accept';
  }
  const advance = difference(timestamp, last.timestamp);
  if (advance < 0n) {
    return 'not-newer';
  }
  const fuzz = millionths(rules.fuzz) << 32n;
  const elapsed = difference(now, last.received);
  // For longer it would lock out a client whose clock was set right.
  if (elapsed * scale > delta) {
    return 'accept';
  }
  // timestamp + fuzz > last.timestamp + (1 - drift) * elapsed - fuzz
  const lag = elapsed * (scale - millionths(rules.drift)) - advance * scale;
  return lag < 2n * fuzz ? 'accept' : 'drift';
}
