// SPDX-License-Identifier: MPL-2.0

import { BindingPublisher } from '../../../src/engine/key-table/binding-publisher';
import { KeyTable, KeyTableError } from '../../../src/engine/key-table';
import { TestDirectory } from '../../support/test-directory';
import { bareClient, duid, start } from './support/clients';

let table: KeyTable;
let told: string[];
let logged: string[];
const set = {
  waiting: 0,
  bound: (operation: string, one?: Uint8Array): boolean => {
    told.push(one === undefined ? operation : `${operation} ${Buffer.from(one).toString('hex')}`);
    return true;
  },
};

// Before its directory goes.
afterEach(() => table.close());

const directory = TestDirectory.forEachTest();

beforeEach(() => {
  [told, logged] = [[], []];
  set.waiting = 0;
  table = KeyTable.open({ directory: directory.path, maxEntries: 10_000, lifetime: 600, now: () => start });
});

function publisher(of: Pick<KeyTable, 'isBound' | 'boundDuids'> = table): BindingPublisher {
  return new BindingPublisher(of, set, (_severity, text) => logged.push(text));
}

function bindMany(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, number) => {
    const each = duid(`client ${number}`);
    expect(table.bind(each, bareClient(`client ${number}`), false)).toBe('bound');
    return each;
  });
}

const [first, second] = [bareClient('first'), bareClient('second')];
const one = duid('one');

test('what is true now is told, in whatever order the changes are heard', () => {
  // One worker binds, another ends the binding, and the second is heard first.
  expect(table.bind(one, first, false)).toBe('bound');
  expect(table.clearBinding(one)).toBe(true);
  publisher().publish(one);
  publisher().publish(one);
  expect(told).toEqual(Array(2).fill(`remove ${one.toString('hex')}`));
  // And the other way round.
  told = [];
  expect(table.bind(one, second, false)).toBe('bound');
  publisher().publish(one);
  expect(told).toEqual([`add ${one.toString('hex')}`]);
});

test('a DUID that cannot be looked up counts as bound', () => {
  const unreadable = {
    isBound: () => {
      throw new KeyTableError('read-failed', 'the disk is gone');
    },
    boundDuids: () => [],
  };
  publisher(unreadable).publish(one);
  expect(told).toEqual([`add ${one.toString('hex')}`]);
  expect(logged).toEqual(['A binding cannot be looked up: the disk is gone']);
});

test('all are told once, over several pages, and no faster than the hook reads', async () => {
  const duids = bindMany(2500);
  set.waiting = 1;
  const done = publisher().publishAll(() => false);
  expect(told).toHaveLength(1 + 1000);
  await new Promise(setImmediate);
  expect(told).toHaveLength(1 + 1000);
  set.waiting = 0;
  await done;
  expect(told[0]).toBe('clear');
  expect(new Set(told.slice(1))).toEqual(new Set(duids.map((each) => `add ${each.toString('hex')}`)));
  expect(told).toHaveLength(1 + 2500);
});

test('nobody is told any more once the connection has ended', async () => {
  bindMany(1500);
  set.waiting = 1;
  await publisher().publishAll(() => true);
  expect(told).toHaveLength(1 + 1000);
});
