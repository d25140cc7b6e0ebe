// SPDX-License-Identifier: MPL-2.0

import {
  Retransmission,
  type RetransmissionParameters,
  RetransmissionSchedule,
} from '../../../src/client/exchange/retransmission';

/** All time-outs, each waited for in full; at most `limit` of them. */
function timeouts(parameters: RetransmissionParameters, random: number, limit = 20): number[] {
  const schedule = new RetransmissionSchedule(parameters, () => random);
  const found: number[] = [];
  for (let elapsed = 0; found.length < limit;) {
    const next = schedule.next(elapsed);
    if (next === undefined) {
      break;
    }
    found.push(next);
    elapsed += next;
  }
  return found;
}

describe('RFC 8415 section 15', () => {
  test('without RAND the time-out doubles up to MRT and stays there', () => {
    expect(timeouts({ irt: 1, mrt: 10, mrc: 0, mrd: 0 }, 0.5, 6)).toEqual([
      1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  test('RAND is between -0.1 and +0.1 of the time-out', () => {
    expect(timeouts({ irt: 1, mrt: 0, mrc: 2, mrd: 0 }, 0)).toEqual([900, 1710]);
    const [first = 0, second = 0] = timeouts({ irt: 1, mrt: 0, mrc: 2, mrd: 0 }, 0.999_999);
    expect(first).toBeCloseTo(1100, 1);
    expect(second).toBeCloseTo(2310, 1);
  });

  test('MRC bounds the number of transmissions', () => {
    expect(timeouts(Retransmission.request, 0.5)).toHaveLength(10);
    expect(timeouts(Retransmission.release, 0.5)).toEqual([1000, 2000, 4000, 8000]);
    expect(timeouts(Retransmission.decline, 0.5)).toHaveLength(5);
  });

  test('MRD ends the exchange, and cuts the last time-out', () => {
    expect(timeouts(Retransmission.confirm, 0.5)).toEqual([1000, 2000, 4000, 3000]);
    expect(timeouts(Retransmission.renew(25), 0.5)).toEqual([10_000, 15_000]);
  });
});

test('RFC 8415 section 18.2.1: the first time-out of a Solicit is longer than IRT, never shorter', () => {
  for (const random of [0, 0.3, 0.999]) {
    const [first = 0] = timeouts(Retransmission.solicit(3600), random, 1);
    expect(first).toBeGreaterThan(1000);
    expect(first).toBeLessThanOrEqual(1100);
  }
});

test('RFC 8415 section 7.6: the table of parameters', () => {
  expect(Retransmission.solicit(3600)).toMatchObject({ irt: 1, mrt: 3600, mrc: 0, mrd: 0 });
  expect(Retransmission.request).toMatchObject({ irt: 1, mrt: 30, mrc: 10, mrd: 0 });
  expect(Retransmission.confirm).toMatchObject({ irt: 1, mrt: 4, mrc: 0, mrd: 10 });
  expect(Retransmission.renew(7)).toMatchObject({ irt: 10, mrt: 600, mrc: 0, mrd: 7 });
  expect(Retransmission.rebind(7)).toMatchObject({ irt: 10, mrt: 600, mrc: 0, mrd: 7 });
  expect(Retransmission.informationRequest(3600)).toMatchObject({ irt: 1, mrt: 3600, mrc: 0, mrd: 0 });
});
