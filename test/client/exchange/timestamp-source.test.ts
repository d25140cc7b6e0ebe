// SPDX-License-Identifier: MPL-2.0

import { readFileSync, writeFileSync } from 'node:fs';
import { type SentTimestamp, TimestampFile, timestampPath, TimestampSource } from '../../../src/client';
import { checkTimestamp, ntpFromUnixMilliseconds } from '../../../src/crypto';
import { TestDirectory } from '../../support/test-directory';

const wall = Date.UTC(2026, 0, 1);
const rules = { delta: 300, fuzz: 1, drift: 0.01 };

class Clocks {
  now = wall;
  steady = 5000;
  readonly notices: string[] = [];
  kept: SentTimestamp | undefined;

  source(): TimestampSource {
    const memory = { read: () => this.kept, write: (sent: SentTimestamp) => void (this.kept = sent) };
    return new TimestampSource(() => this.now, {
      steady: () => this.steady,
      memory,
      notice: (text) => this.notices.push(text),
    });
  }

  /** @param step seconds that the wall clock is set by */
  pass(seconds: number, step = 0): void {
    this.steady += seconds * 1000;
    this.now += (seconds + step) * 1000;
  }
}

/** Whether a server that has taken `last` takes `timestamp` (docs/protocol.md 6). @param now of its clock */
function verdict(timestamp: bigint, now: number, last: bigint, received: number): string {
  const [at, before] = [ntpFromUnixMilliseconds(now), ntpFromUnixMilliseconds(received)];
  return checkTimestamp({ timestamp, now: at, last: { timestamp: last, received: before } }, rules);
}

test('it is the wall clock, and always later than before', () => {
  const source = new TimestampSource(() => wall);
  const first = source.next();
  expect(first).toBe(ntpFromUnixMilliseconds(wall));
  expect(source.next()).toBe(first + 1n);
});

test.each([0, 1, 100, 3000, 30_000])(
  'a clock set back by 200 s, noticed %d s later by another process: servers still accept it, and the user is informed',
  (seconds) => {
    const clocks = new Clocks();
    const first = clocks.source().next();
    clocks.pass(seconds, -200);
    const next = clocks.source().next();
    expect(verdict(next, wall + seconds * 1000, first, wall)).toBe('accept');
    expect(clocks.notices).toEqual([
      expect.stringMatching(
        /^this system's clock went back: it says 20\d\d-.*Z, \d+ s before .* accept them$/,
      ),
    ]);
  },
);

test('the clock catches up, and the notice is repeated only if it goes back again', () => {
  const clocks = new Clocks();
  const source = clocks.source();
  source.next();
  clocks.pass(10, -100);
  for (let hour = 0; hour < 8; hour += 1) {
    source.next();
    clocks.pass(3600);
  }
  expect(source.next()).toBe(ntpFromUnixMilliseconds(clocks.now));
  expect(clocks.notices).toHaveLength(1);
  clocks.pass(10, -100);
  source.next();
  expect(clocks.notices).toHaveLength(2);
});

test.each([-300, -3600])('a clock set back by %d s is used, and the notice says what that means', (step) => {
  const clocks = new Clocks();
  clocks.source().next();
  clocks.pass(0, step);
  expect(clocks.source().next()).toBe(ntpFromUnixMilliseconds(clocks.now));
  expect(clocks.notices).toEqual([expect.stringMatching(/set the clock if it is wrong$/)]);
});

test('after a reboot the time that has passed is unknown: the timestamp only increases', () => {
  const clocks = new Clocks();
  const first = clocks.source().next();
  clocks.kept = { timestamp: first, at: undefined };
  clocks.pass(0, -200);
  expect(clocks.source().next()).toBe(first + 1n);
});

describe('the file of the last timestamp', () => {
  const directory = TestDirectory.forEachTest();
  const sent = { timestamp: 0xe8f0_0000_8000_0001n, at: 1234.5 };

  test('keeps it, for its owner only, beside the lease', () => {
    const path = timestampPath(directory.file('lease.json'));
    expect(path).toBe(`${directory.file('lease.json')}.sent`);
    const notices: string[] = [];
    const file = new TimestampFile(path, (text) => notices.push(text));
    expect(file.read()).toBeUndefined();
    file.write(sent);
    expect(new TimestampFile(path, (text) => notices.push(text)).read()).toEqual(sent);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/"bootId":"[^"]*"/, '"bootId":"another"'));
    expect(file.read()).toEqual({ ...sent, at: undefined });
    expect(notices).toEqual([]);
  });

  test('has no time of a clock that it does not name', () => {
    const path = directory.file('lease.json.sent');
    writeFileSync(path, '{"timestamp":"1f"}');
    const notices: string[] = [];
    const file = new TimestampFile(path, (notice) => notices.push(notice));
    expect(file.read()).toEqual({ timestamp: 0x1fn, at: undefined });
    expect(notices).toEqual([]);
  });

  test.each([
    '',
    '[]',
    '{"timestamp":17}',
    '{"timestamp":"-1"}',
    '{"timestamp":"11111111111111111"}',
    '{"timestamp":"1","at":17}',
  ])('that holds %j is reported, and ends nothing', (text) => {
    const path = directory.file('lease.json.sent');
    writeFileSync(path, text);
    const notices: string[] = [];
    expect(new TimestampFile(path, (notice) => notices.push(notice)).read()).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining(`the file of the last timestamp ${path}`)]);
  });
});
