// SPDX-License-Identifier: MPL-2.0

import { readFileSync, writeFileSync } from 'node:fs';
import { type ClientEvent, RunRecordKeeper, runRecordPath, writeLeaseFile } from '../../src/client';
import { leaseOf } from '../client/daemon/support/daemon-set-up';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forEachTest();
let leaseFile: string;

beforeEach(() => {
  leaseFile = directory.file('lease.json');
  // No time passes, however slow the machine is.
  jest.spyOn(Date, 'now').mockReturnValue(Date.now());
});

afterEach(() => {
  jest.restoreAllMocks();
});

type Events = readonly ClientEvent[];

/** A lease obtained so many seconds ago: T1 at 50, T2 at 80, gone at 100; and a client that runs as this process. */
function given(age: number | undefined, events: Events = []): void {
  if (age !== undefined) {
    writeLeaseFile(leaseFile, leaseOf({ prefix: true }, Date.now() - age * 1000));
  }
  const keeper = new RunRecordKeeper(runRecordPath(leaseFile), 'eth0');
  for (const event of events) {
    keeper.tell(event);
  }
}

const base = { interface: 'eth0', time: Date.UTC(2026, 0, 1) };
const lease = leaseOf({}, base.time);
const started: ClientEvent = { ...base, type: 'started' };
const bound: ClientEvent = { ...base, type: 'bound', lease, previous: undefined };
const released: ClientEvent = {
  ...base,
  type: 'lost',
  reason: 'released',
  lease: undefined,
  previous: lease,
};

test.each<[number | undefined, Events, string, boolean]>([
  [undefined, [], 'none', false],
  [1, [], 'bound', true],
  [90, [], 'bound', true],
  [101, [], 'expired', false],
  [-200, [], 'untimely', false],
  [-200, [started, bound], 'bound', true],
  [undefined, [started], 'starting', false],
  [1, [started, bound], 'bound', true],
  [60, [started, bound], 'renewing', true],
  [90, [started, bound], 'rebinding', true],
  [1, [started, { ...base, type: 'link', up: false }], 'no-link', true],
  [undefined, [started, bound, released], 'released', false],
])('of age %p after %j: %s', async (age, events, state, usable) => {
  given(age, events);
  const { code, stdout } = await command('client', 'status', '--lease-file', leaseFile, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    state,
    usable,
    client: { process: events.length > 0 ? 'running' : 'none' },
  });
  expect(code).toBe(usable ? 0 : 1);
});

test('for people: server, times, and the process that keeps it', async () => {
  given(60, [
    started,
    bound,
    { ...base, type: 'problem', code: 'no-answer', message: 'nobody\u001b[2J answers' },
  ]);
  const { code, stdout } = await command('client', 'status', '--lease-file', leaseFile);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toEqual([
    'interface          eth0',
    `lease file         ${leaseFile}`,
    'state              renewing',
    `client             runs as process ${process.pid}, bound since 2026-01-01T00:00:00Z`,
    'last problem       2026-01-01T00:00:00Z: nobody [2J answers',
    'usable             true',
    'server             CN=dhcp (0003bb)',
    'encrypted          yes',
    'client identifier  0004aa',
    expect.stringMatching(/^obtained {11}20\d\d-/),
    expect.stringMatching(/^addresses {10}2001:db8::1 preferred 15 s valid 40 s$/),
    expect.stringMatching(/^prefixes {11}2001:db8:1::\/56 preferred 15 s valid 40 s$/),
    expect.stringMatching(/^renewal {12}10 s ago, 20\d\d-/),
    expect.stringMatching(/^rebinding {10}in 20 s, 20\d\d-/),
    expect.stringMatching(/^expiry {13}in 40 s, 20\d\d-/),
  ]);
});

test('a lease in clear is shown as such', async () => {
  writeLeaseFile(leaseFile, { ...leaseOf({}, Date.now()), encrypted: false });
  const { stdout } = await command('client', 'status', '--lease-file', leaseFile);
  expect(stdout).toMatch(/^encrypted +NO, and the server is not authenticated$/m);
});

test('a client that has ended unexpectedly does not count as running', async () => {
  given(1, [started, bound]);
  const file = runRecordPath(leaseFile);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"startTime": \d+/, '"startTime": 1'));
  const { code, stdout } = await command('client', 'status', '--lease-file', leaseFile);
  expect(stdout).toMatch(/^client +none runs: process \d+ has ended unexpectedly, it was bound since/m);
  expect(code).toBe(0);
});

test('without a lease file it is that of the unit of the interface', async () => {
  const { code, stdout } = await command('client', 'status', '--interface', 'nowhere0', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    interface: 'nowhere0',
    leaseFile: '/var/lib/kea-encryption-client/nowhere0.json',
    state: 'none',
  });
  expect(code).toBe(1);
});

test('a lease file has to be named, and an invalid one is reported', async () => {
  expect(await command('client', 'status')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("required option '--lease-file <file>' not specified"),
  });
  writeFileSync(leaseFile, '{}');
  expect(await command('client', 'status', '--lease-file', leaseFile)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`the lease file ${leaseFile}`),
  });
});

test.each([
  ['plain', 'plain'],
  ['wrapped', 'wrapped in Relay-forwards'],
] as const)('which way messages went: %s', async (way, text) => {
  writeLeaseFile(leaseFile, { ...leaseOf({}, Date.now()), way });
  const json = await command('client', 'status', '--lease-file', leaseFile, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ lease: { way } });
  const people = await command('client', 'status', '--lease-file', leaseFile);
  expect(people.stdout).toMatch(new RegExp(`^way +${text}$`, 'm'));
});
