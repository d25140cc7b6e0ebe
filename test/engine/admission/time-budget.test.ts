// SPDX-License-Identifier: MPL-2.0
import * as fc from 'fast-check';
import { TimeBudget } from '../../../src/engine/admission/time-budget';

const start = Date.UTC(2026, 0, 1);
const shares = { total: 100, origin: 80, link: 60 };

/** Does work of a millisecond until there is no time; returns the milliseconds done. */
function spendAll(budget: TimeBudget, origin: string, link: string, now: number): number {
  let spent = 0;
  while (spent < 10_000 && budget.spent(origin, link, now) === undefined) {
    budget.charge(origin, link, now, 1);
    spent += 1;
  }
  return spent;
}

describe('time budget', () => {
  test('a link, an origin and all together each have their share', () => {
    const budget = new TimeBudget(shares);
    expect(spendAll(budget, 'relay 1', 'link 1', start)).toBe(60);
    expect(spendAll(budget, 'relay 1', 'link 2', start)).toBe(20);
    expect(spendAll(budget, 'relay 1', 'link 3', start)).toBe(0);
    expect(spendAll(budget, 'relay 2', 'link 4', start)).toBe(20);
    expect(spendAll(budget, 'relay 3', 'link 5', start)).toBe(0);
  });

  test('comes back with time', () => {
    const budget = new TimeBudget(shares);
    spendAll(budget, 'relay', 'link', start);
    expect(spendAll(budget, 'relay', 'link', start + 500)).toBe(30);
    expect(spendAll(budget, 'relay', 'link', start + 3_600_000)).toBe(60);
  });

  test('work that took longer than there was time is made up for', () => {
    const budget = new TimeBudget(shares);
    expect(budget.spent('relay', 'link', start)).toBeUndefined();
    budget.charge('relay', 'link', start, 160);
    expect(budget.spent('relay', 'link', start + 1_600)).toBeDefined();
    expect(budget.spent('relay', 'link', start + 1_700)).toBeUndefined();
  });

  test('a clock that is set back neither fills nor stops the bucket', () => {
    const budget = new TimeBudget(shares);
    spendAll(budget, 'relay', 'link', start);
    expect(budget.spent('relay', 'link', start - 60_000)).toBeDefined();
    expect(spendAll(budget, 'relay', 'link', start - 59_000)).toBe(60);
  });

  test('the tables are bounded: invented links and origins do not get round the total', () => {
    const budget = new TimeBudget(shares, 10);
    let spent = 0;
    for (let n = 0; n < 1000; n += 1) {
      spent += spendAll(budget, `relay ${n}`, `link ${n}`, start);
    }
    expect(spent).toBe(100);
  });

  test('never more than the burst and the rate allow', () => {
    const attempt = fc.record({
      at: fc.integer({ min: 0, max: 5000 }),
      link: fc.integer({ min: 0, max: 5 }),
      cost: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 300 }), (attempts) => {
        const budget = new TimeBudget(shares);
        let spent = 0;
        for (const { at, link, cost } of [...attempts].sort((a, b) => a.at - b.at)) {
          if (budget.spent(`relay ${link % 2}`, `link ${link}`, start + at) === undefined) {
            budget.charge(`relay ${link % 2}`, `link ${link}`, start + at, cost);
            spent += cost;
          }
          expect(spent).toBeLessThanOrEqual(shares.total * (1 + at / 1000) + 20);
        }
      }),
    );
  });
});
