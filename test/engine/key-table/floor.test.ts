// SPDX-License-Identifier: MPL-2.0
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTimestamp, ntpFromUnixMilliseconds } from '../../../src/crypto';
import { KeyTable, prepareKeyTable } from '../../../src/engine/key-table';
import { TestDirectory } from '../../support/test-directory';
import { bareClient, start } from './support/clients';
import { compileKeyTable } from './support/compiled';

const rules = { delta: 300, fuzz: 1, drift: 0.01 };
const [alice, bob] = [bareClient('alice'), bareClient('bob')];

const compiled = compileKeyTable();
const temporary = TestDirectory.forEachTest();
let directory: string;
let boot: string;
let now: number;

beforeEach(() => {
  directory = temporary.path;
  boot = join(directory, 'key-table.boot');
  now = start;
});

/** Starts an engine at `now`, and lets it do something. */
async function engine<Result>(use: (table: KeyTable) => Result): Promise<Result> {
  await prepareKeyTable(directory, compiled.verifier, () => now);
  const table = KeyTable.open({ directory, maxEntries: 100, lifetime: 600_000, now: () => now });
  const result = use(table);
  await table.close();
  return result;
}

/** Offers the timestamp of a time in milliseconds at `now`. */
function offer(table: KeyTable, client: typeof alice, time: number): string {
  const [timestamp, received] = [ntpFromUnixMilliseconds(time), ntpFromUnixMilliseconds(now)];
  return table.acceptTimestamp(client, timestamp, received, (last) =>
    checkTimestamp({ timestamp, now: received, last }, rules),
  );
}

function reboot(): void {
  const [, ...rest] = readFileSync(boot, 'utf8').split('\n');
  writeFileSync(boot, ['another boot', ...rest].join('\n'));
}

/** A table that knows alice since its beginning, and a reboot half an hour later. */
async function rebooted(): Promise<void> {
  await engine((table) => {
    now += 1000;
    expect(offer(table, alice, now)).toBe('accept');
  });
  now += 1_800_000;
  reboot();
}

describe('after the machine has stopped', () => {
  test('nothing is accepted that may have been accepted before and was not on the disk', async () => {
    await rebooted();
    await engine((table) => {
      now += 500;
      // What they sent in the last seconds before: by the other rules both would pass.
      expect(offer(table, alice, now - 1000)).toBe('not-newer');
      expect(offer(table, bob, now - 1000)).toBe('not-newer');
      expect(offer(table, bob, now - 500)).toBe('copy');
      expect(table.find(bob.keyId)).toBeUndefined();
      expect(offer(table, alice, now)).toBe('accept');
      expect(offer(table, bob, now)).toBe('accept');
    });
  });

  test('a client whose clock is behind is served once its clock has passed the start', async () => {
    await rebooted();
    await engine((table) => {
      now += 40_000;
      expect(offer(table, bob, now - 50_000)).toBe('not-newer');
      now += 11_000;
      expect(offer(table, bob, now - 50_000)).toBe('accept');
      now += 1000;
      expect(offer(table, bob, now - 50_000)).toBe('accept');
    });
  });

  test('the engines that follow in the same boot keep to it, and go no further', async () => {
    await rebooted();
    const restarted = now;
    await engine(() => undefined);
    now += 10_000;
    await engine((table) => {
      expect(offer(table, bob, restarted - 1)).toBe('not-newer');
      expect(offer(table, bob, restarted + 1)).toBe('accept');
    });
  });
});

test('a restart of the engine alone takes nothing from what was accepted, and refuses nothing else', async () => {
  await engine((table) => {
    now += 5000;
    expect(offer(table, alice, now - 2000)).toBe('accept');
  });
  now += 1000;
  await engine((table) => {
    expect(offer(table, alice, now - 3000)).toBe('copy');
    expect(offer(table, bob, now - 3000)).toBe('accept');
  });
});

test.each([
  ['is not there', () => rmSync(join(directory, 'key-table.mdb'))],
  ['is unusable', () => writeFileSync(join(directory, 'key-table.mdb'), 'x')],
])('where the table %s, nothing is accepted from before its new beginning', async (_, harm) => {
  await engine((table) => {
    now += 5000;
    expect(offer(table, alice, now)).toBe('accept');
  });
  harm();
  now += 1000;
  await engine((table) => {
    expect(offer(table, alice, now - 1000)).toBe('not-newer');
    now += 1;
    expect(offer(table, alice, now)).toBe('accept');
  });
});

test('a directory that never had a table holds timestamps to the time alone', async () => {
  await engine((table) => {
    expect(offer(table, alice, now - 299_000)).toBe('accept');
    expect(offer(table, bob, now - 301_000)).toBe('too-old');
  });
  now += 1000;
  await engine((table) => {
    expect(offer(table, bob, now - 299_000)).toBe('accept');
  });
});

describe('a clock that was ahead when the table was begun anew', () => {
  /** A table in the place of one that was lost, so that it has a floor. */
  async function begunAnew(): Promise<void> {
    await engine(() => undefined);
    rmSync(join(directory, 'key-table.mdb'));
  }

  test('locks nobody out once it is right', async () => {
    now = start + 7_200_000;
    await begunAnew();
    await engine((table) => {
      now = start;
      expect(offer(table, alice, now)).toBe('accept');
    });
  });

  test('counts from the next start on', async () => {
    now = start + 7_200_000;
    await begunAnew();
    await engine(() => undefined);
    now = start;
    await engine((table) => {
      now += 1000;
      expect(offer(table, alice, now - 2000)).toBe('not-newer');
      expect(offer(table, alice, now)).toBe('accept');
    });
  });
});

test('a file from before there were floors, or with none in it, has none', async () => {
  await engine(() => undefined);
  const [id] = readFileSync(boot, 'utf8').split('\n');
  for (const text of [id ?? '', `${id}\n`, `${id}\nsoon\n`]) {
    writeFileSync(boot, text);
    now += 1000;
    await engine((table) => {
      expect(offer(table, bareClient(text), now - 10_000)).toBe('accept');
    });
  }
});

test('the file is for its owner only', async () => {
  await engine(() => undefined);
  expect(statSync(boot).mode & 0o777).toBe(0o600);
});
