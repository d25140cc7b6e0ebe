// SPDX-License-Identifier: MPL-2.0

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClientEvent,
  livenessOf,
  readRunRecord,
  type RunRecord,
  RunRecordKeeper,
  runRecordPath,
} from '../../../src/client';
import { ownProcess } from '../../../src/client/daemon/process-identity';
import { TestDirectory } from '../../support/test-directory';
import { leaseOf } from './support/daemon-set-up';

const directory = TestDirectory.forAllTests().path;
const path = runRecordPath(join(directory, 'lease.json'));

const lease = leaseOf({}, 0);
const at = (time: number): { readonly interface: string; readonly time: number } => ({
  interface: 'eth0',
  time,
});
const bound: ClientEvent = { ...at(2), type: 'bound', lease, previous: undefined };
const lost = { ...at(3), type: 'lost', lease: undefined, previous: lease } as const;

function recordAfterAll(...events: readonly ClientEvent[]): RunRecord | undefined {
  const keeper = new RunRecordKeeper(path, 'eth0');
  for (const event of [{ ...at(1), type: 'started' } as const, ...events]) {
    keeper.tell(event);
  }
  return readRunRecord(path);
}

test.each<[string, number, readonly ClientEvent[]]>([
  ['starting', 1, []],
  ['no-link', 2, [{ ...at(2), type: 'link', up: false }]],
  [
    'starting',
    3,
    [
      { ...at(2), type: 'link', up: false },
      { ...at(3), type: 'link', up: true },
    ],
  ],
  ['bound', 2, [bound]],
  ['bound', 2, [bound, { ...at(9), type: 'renewed', lease, previous: lease }]],
  ['bound', 2, [bound, { ...lost, reason: 'declined', lease }]],
  ['bound', 5, [{ ...at(5), type: 'confirmed', lease, previous: lease }]],
  ['informed', 5, [{ ...at(5), type: 'informed', lease, previous: undefined }]],
  ['soliciting', 3, [bound, { ...lost, reason: 'expired' }]],
  ['soliciting', 3, [bound, { ...lost, reason: 'not-on-link' }]],
  ['released', 3, [bound, { ...lost, reason: 'released' }]],
])('a client is %s since %d', (state, since, events) => {
  expect(recordAfterAll(...events)).toMatchObject({ interface: 'eth0', started: 1, state, since });
});

test('what went wrong stays until a server has answered, and a silent confirmation is no answer', () => {
  const problem: ClientEvent = { ...at(3), type: 'problem', code: 'no-answer', message: 'nobody' };
  const confirmed: ClientEvent = { ...at(4), type: 'confirmed', lease, previous: lease };
  const told = { time: 3, code: 'no-answer', message: 'nobody' };
  expect(recordAfterAll(problem, confirmed)).toMatchObject({ state: 'bound', problem: told });
  expect(recordAfterAll(problem, confirmed, { ...bound, type: 'rebound' })?.problem).toBeUndefined();
});

test('only the owner may read it, nothing else is left, and a client that stops takes it away', () => {
  recordAfterAll(bound);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['lease.json.run']);
  expect(recordAfterAll(bound, { ...at(9), type: 'stopped', lease: undefined })).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

test.each(['', '[]', '{}', '{"interface":"eth0","started":0,"since":0,"state":"asleep"}'])(
  'a file that is no record is refused: %j',
  (text) => {
    writeFileSync(path, text);
    expect(() => readRunRecord(path)).toThrow(expect.objectContaining({ code: 'lease-file' }));
  },
);

test('a process runs; one that got its number later, or after another start of the machine, is another', () => {
  const own = ownProcess();
  expect(livenessOf(own)).toBe('running');
  expect(livenessOf({ ...own, startTime: own.startTime + 1 })).toBe('ended');
  expect(livenessOf({ ...own, bootId: 'another' })).toBe('ended');
  expect(livenessOf({ ...own, pidNamespace: 'pid:[1]' })).toBe('unknown');
});

test('a process that has ended does not run', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  expect(livenessOf({ ...ownProcess(), pid: child.pid ?? 0 })).toBe('ended');
});
