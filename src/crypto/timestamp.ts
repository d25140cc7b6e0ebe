// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from './errors';

/** Octets of a Timestamp option's data. */
const timestampLength = 8;

/** Seconds from 1900-01-01 to 1970-01-01 (RFC 5905 figure 4). */
const unixEpoch = 2208988800n;

const nanosecondsPerSecond = 1_000_000_000n;
const nanosecondsPerMillisecond = 1_000_000n;
const millisecondsPerSecond = 1000n;

/**
 * NTP timestamp format (RFC 5905 section 6): 64 bits, seconds since 1900 and a 32-bit binary fraction. The
 * seconds wrap in 2036: two timestamps are compared by their difference only.
 */
export function ntpFromUnixNanoseconds(nanoseconds: bigint): bigint {
  const fromEpoch = nanoseconds + unixEpoch * nanosecondsPerSecond;
  return BigInt.asUintN(64, (fromEpoch << 32n) / nanosecondsPerSecond);
}

/** @param milliseconds since 1970, as of `Date.now()`; a fraction is taken to the nanosecond */
export function ntpFromUnixMilliseconds(milliseconds: number): bigint {
  const whole = Math.floor(milliseconds);
  const rest = Math.round((milliseconds - whole) * 1e6);
  return ntpFromUnixNanoseconds(BigInt(whole) * nanosecondsPerMillisecond + BigInt(rest));
}

/**
 * Milliseconds since 1970, rounded, so that whole milliseconds come back unchanged. Seconds below 2^31 are taken
 * for those after the wrap (RFC 4330 section 3): 1968 to 2104 can be told.
 */
export function unixMillisecondsFromNtp(timestamp: bigint): number {
  const wrapped = timestamp >> 63n === 0n ? timestamp + (1n << 64n) : timestamp;
  const milliseconds = (wrapped * millisecondsPerSecond + (1n << 31n)) >> 32n;
  return Number(milliseconds - unixEpoch * millisecondsPerSecond);
}

export function encodeTimestamp(timestamp: bigint): Buffer {
  const octets = Buffer.alloc(timestampLength);
  octets.writeBigUInt64BE(BigInt.asUintN(64, timestamp));
  return octets;
}

/** @throws CryptoError `timestamp-malformed` for anything but 8 octets */
export function decodeTimestamp(octets: Buffer): bigint {
  if (octets.length !== timestampLength) {
    throw new CryptoError('timestamp-malformed', `a timestamp of ${octets.length} octets`);
  }
  return octets.readBigUInt64BE();
}
