// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import {
  checkTimestamp,
  decodeTimestamp,
  encodeTimestamp,
  ntpFromUnixMilliseconds,
  ntpFromUnixNanoseconds,
  type TimestampCheckInput,
  type TimestampRules,
  type TimestampVerdict,
  unixMillisecondsFromNtp,
} from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex, vectors } from './support/vectors';

interface TimestampVectors {
  readonly encoding: readonly {
    readonly unix_seconds: number;
    readonly unix_nanoseconds: number;
    readonly octets: string;
  }[];
  readonly acceptance: readonly {
    readonly case: string;
    readonly now: string;
    readonly timestamp: string;
    readonly last_timestamp: string | null;
    readonly last_received: string | null;
    readonly accept: boolean;
    readonly copy: boolean;
  }[];
}

const { encoding, acceptance } = vectors('protocol/timestamp.json') as TimestampVectors;
const rules: TimestampRules = { delta: 300, fuzz: 1, drift: 0.01 };
const second = 1n << 32n;

function ntp(octets: string): bigint {
  return decodeTimestamp(hex(octets));
}

test('timestamp.json is whole', () => {
  expect([encoding.length, acceptance.length]).toEqual([8, 27]);
});

describe('docs/protocol.md 2, Timestamp', () => {
  test.each(encoding)(
    '$unix_seconds s and $unix_nanoseconds ns',
    ({ unix_seconds, unix_nanoseconds, octets }) => {
      const timestamp = ntpFromUnixNanoseconds(
        BigInt(unix_seconds) * 1_000_000_000n + BigInt(unix_nanoseconds),
      );
      expect(encodeTimestamp(timestamp).toString('hex')).toBe(octets);
      expect(ntp(octets)).toBe(timestamp);
      const milliseconds = unix_seconds * 1000 + Math.round(unix_nanoseconds / 1e6);
      expect(unixMillisecondsFromNtp(timestamp)).toBe(milliseconds);
    },
  );

  test('milliseconds with a fraction', () => {
    expect(ntpFromUnixMilliseconds(1250.5)).toBe(ntpFromUnixNanoseconds(1_250_500_000n));
    expect(ntpFromUnixMilliseconds(250)).toBe(ntpFromUnixNanoseconds(250_000_000n));
  });

  test('whole milliseconds come back, on both sides of the wrap of 2036', () => {
    const wrap = 2085978496000;
    expect(encodeTimestamp(ntpFromUnixMilliseconds(wrap)).toString('hex')).toBe('0000000000000000');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 * wrap - 1 }), (milliseconds) => {
        const octets = encodeTimestamp(ntpFromUnixMilliseconds(milliseconds));
        expect(unixMillisecondsFromNtp(decodeTimestamp(octets))).toBe(milliseconds);
      }),
    );
  });

  test.each([0, 7, 9])('%d octets are no timestamp', (length) => {
    expect(codeOf(() => decodeTimestamp(Buffer.alloc(length)))).toBe('timestamp-malformed');
  });
});

/** What the cases of timestamp.json are refused for. */
const refusals: Readonly<Record<string, TimestampVerdict>> = {
  'new key, 300 s old': 'too-old',
  'new key, 300 s ahead': 'too-new',
  'new key, 301 s old': 'too-old',
  'known key, equal': 'copy',
  'known key, one unit earlier': 'not-newer',
  'known key, lag: exactly on the limit': 'drift',
  'known key, lag: one unit below the limit': 'drift',
  'known key, a clock 3 s behind after 10 s': 'drift',
  'known key, last one 200 s ahead, now exact': 'not-newer',
  'known key, last one 200 s ahead, 1 s later': 'drift',
  'known key, later than the last but 300 s ahead': 'too-new',
  'known key, clock stepped back 10 s': 'drift',
  'known key, received 299 s ago, 20 s slow since': 'drift',
  'known key, 200 s ahead 299 s ago, now exact': 'drift',
  'known key, set right: 250 s ahead 100 s ago, now exact': 'not-newer',
  'known key, received 4000 s ago, 300 s old': 'too-old',
  'known key, equal, received 4000 s ago': 'copy',
};

describe('docs/protocol.md 6', () => {
  test.each(acceptance)('$case', (vector) => {
    const { case: name, now, timestamp, last_timestamp, last_received, accept, copy } = vector;
    const last =
      last_timestamp === null ? undefined : { timestamp: ntp(last_timestamp), received: ntp(last_received!) };
    const verdict = checkTimestamp({ timestamp: ntp(timestamp), now: ntp(now), last }, rules);
    expect(verdict).toBe(accept ? 'accept' : refusals[name]);
    expect(verdict === 'copy').toBe(copy);
  });

  const now = ntp('ed4ae51000000000');
  const at = (seconds: number) => now + BigInt(seconds) * second;

  test.each<[string, TimestampCheckInput]>([
    ['too-old', { now, timestamp: at(-300) }],
    ['too-new', { now, timestamp: at(300) }],
    ['accept', { now, timestamp: at(-299) }],
    ['copy', { now, timestamp: at(-5), last: { timestamp: at(-5), received: at(-5) } }],
    ['not-newer', { now, timestamp: at(-6), last: { timestamp: at(-5), received: at(-5) } }],
    ['drift', { now, timestamp: at(-10), last: { timestamp: at(-60), received: at(-60) } }],
    ['accept', { now, timestamp: at(1), last: { timestamp: at(0), received: at(0) } }],
  ])('says %s', (verdict, input) => {
    expect(checkTimestamp(input, rules)).toBe(verdict);
  });

  test('other settings, fractions among them', () => {
    const loose = { delta: 1000.5, fuzz: 0.25, drift: 0.5 };
    expect(checkTimestamp({ now, timestamp: now - 1000n * second - second / 2n }, loose)).toBe('too-old');
    expect(checkTimestamp({ now, timestamp: now - 1000n * second - second / 2n + 1n }, loose)).toBe('accept');
    const last = { timestamp: at(-100), received: at(-100) };
    // On the limit: half of 100 s less twice 0.25 s.
    expect(checkTimestamp({ now, timestamp: at(-51) + second / 2n, last }, loose)).toBe('drift');
    expect(checkTimestamp({ now, timestamp: at(-51) + second / 2n + 1n, last }, loose)).toBe('accept');
  });

  test('across the wrap of 2036', () => {
    const wrapped = 2n * second;
    const before = (1n << 64n) - second;
    expect(checkTimestamp({ now: wrapped, timestamp: before }, rules)).toBe('accept');
    expect(checkTimestamp({ now: before, timestamp: wrapped }, rules)).toBe('accept');
    const last = { timestamp: before, received: before };
    expect(checkTimestamp({ now: wrapped, timestamp: wrapped, last }, rules)).toBe('accept');
    expect(checkTimestamp({ now: wrapped, timestamp: before - 1n, last }, rules)).toBe('not-newer');
  });

  test("a series of ISC's timestamps, whose fraction stands in the low 16 bits, is accepted", () => {
    // A client that sends four times a second, its clock exact.
    let last: { timestamp: bigint; received: bigint } | undefined;
    for (let quarter = 0n; quarter < 40n; quarter += 1n) {
      const received = now + (quarter * second) / 4n;
      const timestamp = (received & ~0xffffffffn) | ((received & 0xffffffffn) >> 16n);
      expect(checkTimestamp({ timestamp, now: received, last }, rules)).toBe('accept');
      last = { timestamp, received };
    }
  });

  test('the second of two equal timestamps is never accepted', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -400n, max: 400n }),
        fc.bigInt({ min: 0n, max: 1000n }),
        (offset, later) => {
          const timestamp = now + offset * second;
          if (checkTimestamp({ timestamp, now }, rules) === 'accept') {
            const input = { timestamp, now: now + later * second, last: { timestamp, received: now } };
            expect(checkTimestamp(input, rules)).not.toBe('accept');
          }
        },
      ),
    );
  });
});
