// SPDX-License-Identifier: MPL-2.0
import * as fc from 'fast-check';
import { Blocklist } from '../../../src/engine/admission/blocklist';

const start = Date.UTC(2026, 0, 1);
const settings = { count: 3, window: 60, duration: 120 };

/** Fails `times` times, a second apart; returns the time of the last failure. */
function failTimes(blocklist: Blocklist, source: string, times: number, from: number): number {
  for (let n = 0; n < times; n += 1) {
    blocklist.fail(source, from + n * 1000);
  }
  return from + (times - 1) * 1000;
}

describe('blocklist (docs/protocol.md 7)', () => {
  test('blocks at the last of `count` failures, for `duration`, that source only', () => {
    const blocklist = new Blocklist(settings);
    failTimes(blocklist, 'a', 2, start);
    expect(blocklist.isBlocked('a', start + 1000)).toBe(false);
    blocklist.fail('a', start + 2000);
    expect(blocklist.isBlocked('a', start + 2000)).toBe(true);
    expect(blocklist.isBlocked('a', start + 2000 + 119_999)).toBe(true);
    expect(blocklist.isBlocked('a', start + 2000 + 120_000)).toBe(false);
    expect(blocklist.isBlocked('b', start + 2000)).toBe(false);
  });

  test('counts the sources that it lists, at any time', () => {
    const blocklist = new Blocklist({ ...settings, count: 1 });
    blocklist.fail('a', start);
    blocklist.fail('b', start + 60_000);
    for (const [time, count] of [
      [0, 2],
      [119_999, 2],
      [120_000, 1],
      [180_000, 0],
    ] as const) {
      expect(blocklist.count(start + time)).toBe(count);
      expect(blocklist.blocked(start + time)).toHaveLength(count);
    }
  });

  test('the window slides: failures that lie further apart do not add up', () => {
    const blocklist = new Blocklist(settings);
    for (let n = 0; n < 20; n += 1) {
      blocklist.fail('a', start + n * 30_001);
      expect(blocklist.isBlocked('a', start + n * 30_001)).toBe(false);
    }
    const last = start + 19 * 30_001;
    blocklist.fail('a', last + 1);
    expect(blocklist.isBlocked('a', last + 1)).toBe(true);
  });

  test('each time takes as long as the first, however often it was', () => {
    const blocklist = new Blocklist(settings);
    let now = start;
    const durations: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      const blocked = failTimes(blocklist, 'a', 3, now);
      let until = blocked;
      while (blocklist.isBlocked('a', until)) {
        until += 1000;
      }
      durations.push((until - blocked) / 1000);
      now = until;
    }
    expect(durations).toEqual(Array.from({ length: 9 }, () => 120));
    expect(blocklist.isBlocked('a', now)).toBe(false);
  });

  test('what a stranger sends in a name costs it a block each time, and not a day at once', () => {
    const blocklist = new Blocklist({ count: 10, window: 60, duration: 120 });
    const last = failTimes(blocklist, 'a', 170, start);
    expect(blocklist.isBlocked('a', last)).toBe(true);
    expect(blocklist.isBlocked('a', last + 120_000)).toBe(false);
  });

  test('counts how often in a row, afresh where it kept quiet as long as it was blocked', () => {
    const blocklist = new Blocklist(settings);
    const times = (now: number): number | undefined => blocklist.blocked(now)[0]?.times;
    const first = failTimes(blocklist, 'a', 3, start);
    expect(times(first)).toBe(1);
    const second = failTimes(blocklist, 'a', 3, first + 120_000);
    expect(times(second)).toBe(2);
    const third = failTimes(blocklist, 'a', 3, second + 240_000);
    expect(times(third)).toBe(1);
  });

  test('failures while blocked do not prolong the block', () => {
    const blocklist = new Blocklist(settings);
    const blocked = failTimes(blocklist, 'a', 3, start);
    failTimes(blocklist, 'a', 50, blocked + 1000);
    expect(blocklist.isBlocked('a', blocked + 120_000)).toBe(false);
    blocklist.fail('a', blocked + 120_000);
    expect(blocklist.isBlocked('a', blocked + 120_001)).toBe(false);
  });

  test('count 0 turns it off', () => {
    const blocklist = new Blocklist({ ...settings, count: 0 });
    failTimes(blocklist, 'a', 1000, start);
    expect(blocklist.isBlocked('a', start + 1_000_000)).toBe(false);
  });

  test('a flood of other sources pushes out no block, but the oldest counts', () => {
    const blocklist = new Blocklist(settings, 100);
    const blocked = failTimes(blocklist, 'blocked', 3, start);
    failTimes(blocklist, 'counted', 2, start);
    for (let n = 0; n < 1000; n += 1) {
      blocklist.fail(`flood ${n}`, blocked);
    }
    expect(blocklist.isBlocked('blocked', blocked + 1)).toBe(true);
    blocklist.fail('counted', blocked);
    expect(blocklist.isBlocked('counted', blocked)).toBe(false);
  });

  test('of too many blocks the oldest goes first', () => {
    const blocklist = new Blocklist({ ...settings, count: 1 }, 2);
    blocklist.fail('a', start);
    blocklist.fail('b', start);
    blocklist.fail('c', start);
    expect(['a', 'b', 'c'].map((source) => blocklist.isBlocked(source, start))).toEqual([false, true, true]);
  });

  test('blocked if and only if `count` failures fell within one window', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 12 }), (offsets) => {
        const blocklist = new Blocklist({ count: 4, window: 60, duration: 100_000 });
        const times = offsets.map((offset) => start + offset).sort((a, b) => a - b);
        times.forEach((time) => blocklist.fail('a', time));
        const dense = times.some((time, n) => n >= 3 && time - times[n - 3]! < 60_000);
        expect(blocklist.isBlocked('a', start + 200_001)).toBe(dense);
      }),
    );
  });
});
