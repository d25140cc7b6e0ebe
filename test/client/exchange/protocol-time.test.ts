// SPDX-License-Identifier: MPL-2.0

/** The time that the protocol goes by (docs/protocol.md 6). Times are milliseconds. */
import { ProtocolTime } from '../../../src/client';

const told: string[] = [];

function time(clock: { machine: number; steady: number }, isClockless = true): ProtocolTime {
  const notice = (text: string): void => {
    told.push(text);
  };
  const fromServers = { steady: () => clock.steady, newestKnown: 1000, notice };
  return new ProtocolTime(() => clock.machine, isClockless ? fromServers : undefined);
}

beforeEach(() => {
  told.length = 0;
});

test("this machine's, unless the user said that it has no clock", () => {
  const clock = { machine: 5, steady: 0 };
  const own = time(clock, false);
  expect(own.isWorthTrying(2000)).toBe(false);
  own.try(2000, 'a');
  expect(own.now()).toBe(5);
});

test('one on trial ends with its exchange', () => {
  const clock = { machine: 5, steady: 0 };
  const taken = time(clock);
  taken.try(2000, 'a');
  clock.steady = 30;
  expect(taken.now()).toBe(2030);
  taken.endExchange();
  expect([taken.now(), taken.isTaken]).toEqual([5, false]);
});

test('is kept once the server that told it has shown that its key lives, and not for another', () => {
  const clock = { machine: 5, steady: 0 };
  const taken = time(clock);
  taken.try(2000, 'a');
  taken.keep('b');
  expect(told).toEqual([]);
  taken.keep('a');
  taken.endExchange();
  expect(taken.now()).toBe(2000);
  expect(told).toHaveLength(1);
  // It is not this machine's clock that makes it go on.
  clock.machine = 1_000_000;
  clock.steady = 70;
  expect(taken.now()).toBe(2070);
});

test('none before the newest time known, and of those on trial the latest', () => {
  const taken = time({ machine: 5, steady: 0 });
  expect([taken.mayBe(999), taken.mayBe(1000)]).toEqual([false, true]);
  taken.try(2000, 'a');
  expect([taken.isWorthTrying(1999), taken.isWorthTrying(2001)]).toEqual([false, true]);
  taken.try(3000, 'b');
  taken.keep('b');
  expect(taken.isWorthTrying(4000)).toBe(false);
});
