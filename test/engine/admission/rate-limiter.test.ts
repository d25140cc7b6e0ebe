// SPDX-License-Identifier: MPL-2.0
import * as fc from 'fast-check';
import { RateLimiter } from '../../../src/engine/admission/rate-limiter';

const start = Date.UTC(2026, 0, 1);
const wide = { burst: 1e9, perSecond: 1e9 };

const of = (name: string) => [{ name, factor: 1 }];

function takeAll(limiter: RateLimiter, source: string, now: number): number {
  let taken = 0;
  while (taken < 10_000 && limiter.take(of(source), now)) {
    taken += 1;
  }
  return taken;
}

describe('rate limiter', () => {
  test('a burst at once, then so many a second', () => {
    const limiter = new RateLimiter({ source: { burst: 5, perSecond: 2 }, total: wide });
    expect(takeAll(limiter, 'a', start)).toBe(5);
    expect(limiter.take(of('a'), start + 499)).toBe(false);
    expect(limiter.take(of('a'), start + 500)).toBe(true);
    expect(limiter.take(of('a'), start + 500)).toBe(false);
    expect(takeAll(limiter, 'a', start + 3_600_000)).toBe(5);
  });

  test('sources do not share', () => {
    const limiter = new RateLimiter({ source: { burst: 2, perSecond: 1 }, total: wide });
    expect(takeAll(limiter, 'a', start)).toBe(2);
    expect(takeAll(limiter, 'b', start)).toBe(2);
  });

  test('the total holds for all of them, and a refused one costs its source nothing', () => {
    const limiter = new RateLimiter({
      source: { burst: 2, perSecond: 0 },
      total: { burst: 3, perSecond: 1 },
    });
    expect(takeAll(limiter, 'a', start)).toBe(2);
    expect(takeAll(limiter, 'b', start)).toBe(1);
    expect(takeAll(limiter, 'c', start)).toBe(0);
    expect(takeAll(limiter, 'c', start + 1000)).toBe(1);
    expect(takeAll(limiter, 'c', start + 2000)).toBe(1);
    expect(takeAll(limiter, 'c', start + 3000)).toBe(0);
  });

  test('of several names all must have one left; refused, none of them and no total is charged', () => {
    const limiter = new RateLimiter({
      source: { burst: 2, perSecond: 0 },
      total: { burst: 4, perSecond: 0 },
    });
    const cookie = (n: number) => [
      { name: `cookie ${n}`, factor: 1 },
      { name: 'cookies', factor: 1.5 },
    ];
    expect([1, 1, 1].map((n) => limiter.take(cookie(n), start))).toEqual([true, true, false]);
    expect([2, 2].map((n) => limiter.take(cookie(n), start))).toEqual([true, false]);
    expect(limiter.take(of('cookie 2'), start)).toBe(true);
    expect(limiter.take(of('a'), start)).toBe(false);
  });

  test('what is given back of several names is there again, and once in the total', () => {
    const limiter = new RateLimiter({
      source: { burst: 1, perSecond: 0 },
      total: { burst: 1, perSecond: 0 },
    });
    const names = [...of('a'), ...of('b')];
    expect(limiter.take(names, start)).toBe(true);
    limiter.giveBack(names);
    expect([limiter.take(of('a'), start), limiter.take(of('b'), start)]).toEqual([true, false]);
  });

  test('without names the total alone holds', () => {
    const limiter = new RateLimiter({
      source: { burst: 0, perSecond: 0 },
      total: { burst: 1, perSecond: 0 },
    });
    expect([limiter.take([], start), limiter.take([], start)]).toEqual([true, false]);
  });

  test('a clock that is set back neither fills nor stops the bucket', () => {
    const limiter = new RateLimiter({ source: { burst: 1, perSecond: 1 }, total: wide });
    expect(limiter.take(of('a'), start)).toBe(true);
    expect(limiter.take(of('a'), start - 60_000)).toBe(false);
    expect(limiter.take(of('a'), start - 59_000)).toBe(true);
  });

  test('the table is bounded: who was pushed out starts anew, and the total still limits', () => {
    const limiter = new RateLimiter(
      { source: { burst: 1, perSecond: 0 }, total: { burst: 100, perSecond: 0 } },
      10,
    );
    const taken = Array.from({ length: 1000 }, (_, n) => limiter.take(of(`source ${n % 20}`), start));
    expect(taken.filter(Boolean)).toHaveLength(100);
  });

  test('never more than the burst and the rate allow', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 100 }), (offsets) => {
        const limiter = new RateLimiter({ source: { burst: 3, perSecond: 2 }, total: wide });
        const times = [...offsets].sort((a, b) => a - b);
        const taken = times.filter((time) => limiter.take(of('a'), start + time));
        for (const from of taken) {
          for (const to of taken.filter((time) => time >= from)) {
            const within = taken.filter((time) => time >= from && time <= to).length;
            expect(within).toBeLessThanOrEqual(3 + Math.floor(((to - from) / 1000) * 2 + 1e-6));
          }
        }
      }),
    );
  });
});
