// SPDX-License-Identifier: MPL-2.0

import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { lockDescriptor } from '../../../src/bridge';
import { ServerPins } from '../../../src/client';
import { PinContact, ServerNotPinned, type ShownServer } from '../../../src/client/servers/server-pins';
import { TestDirectory } from '../../support/test-directory';

const directory = TestDirectory.forEachTest();
const duid = (number: number): Buffer => Buffer.of(0, 3, 0, 1, number);
const key = (number: number): Buffer => Buffer.alloc(32, number);
const server = (one: number, keyOf: number, name: string): ShownServer => ({
  serverIdentifier: duid(one),
  keyId: key(keyOf),
  name,
});

function kept(): Record<string, string> {
  return JSON.parse(readFileSync(directory.file('pins'), 'utf8')) as Record<string, string>;
}

test('two clients that have one file keep what each has found', () => {
  const [one, two] = [ServerPins.open(directory.file('pins')), ServerPins.open(directory.file('pins'))];
  one.require(server(1, 1, 'one'));
  two.require(server(2, 2, 'two'));
  one.require(server(3, 3, 'three'));
  expect(Object.keys(kept()).sort()).toEqual(['0003000101', '0003000102', '0003000103']);
  expect(readdirSync(directory.path)).toEqual(['pins']);
});

test('a key that another client has kept meanwhile is not replaced by another one', () => {
  const [one, two] = [ServerPins.open(directory.file('pins')), ServerPins.open(directory.file('pins'))];
  one.require(server(1, 1, 'one'));
  expect(() => two.require(server(1, 2, 'impostor'))).toThrow(/HAS CHANGED: impostor/);
  expect(kept()).toEqual({ '0003000101': key(1).toString('hex') });
});

test('a line that was removed from the file is not put back with the next server', () => {
  const pins = ServerPins.open(directory.file('pins'));
  pins.require(server(1, 1, 'one'));
  writeFileSync(directory.file('pins'), '{}');
  pins.require(server(2, 2, 'two'));
  expect(Object.keys(kept())).toEqual(['0003000102']);
});

test('a file that another process has locked too long is reported; a stale lock file does not lock', () => {
  const pins = ServerPins.open(directory.file('pins'));
  const lock = openSync(directory.file('pins.lock'), 'a');
  expect(lockDescriptor(lock)).toBe(true);
  const require = (): void => pins.require(server(1, 1, 'one'));
  expect(require).toThrow(
    expect.objectContaining({
      code: 'pins-file',
      message: expect.stringMatching(/known servers .*pins cannot be written: another process has locked/),
    }),
  );
  closeSync(lock);
  require();
  expect(Object.keys(kept())).toEqual(['0003000101']);
});

test('a missing directory is reported with the file', () => {
  const pins = ServerPins.open(directory.file('no/pins'));
  expect(() => pins.require(server(1, 1, 'one'))).toThrow(/no\/pins cannot be written: no such file/);
});

describe('an exchange', () => {
  const open = (): ServerPins => ServerPins.open(directory.file('pins'));
  const [one, two] = [server(1, 1, 'one'), server(2, 2, 'two')];

  test('that finds nothing pinned pins all that it hears; the next takes no other', () => {
    const pins = open();
    const first = new PinContact(pins, 'never');
    for (const heard of [one, two]) {
      expect(first.standing(heard)).toBe('known');
      first.keep(heard);
    }
    const next = new PinContact(pins, 'never');
    expect([one, two].map((heard) => next.standing(heard))).toEqual(['known', 'known']);
    expect(() => next.standing(server(3, 3, 'rogue'))).toThrow(ServerNotPinned);
    expect(() => next.keep(server(3, 3, 'rogue'))).toThrow(/0003000103, rogue .* is none of those/);
    expect(Object.keys(kept())).toHaveLength(2);
  });

  test('that is told so uses a new one last, and pins it with the others', () => {
    open().require(one);
    const contact = new PinContact(open(), 'last');
    expect([one, two].map((heard) => contact.standing(heard))).toEqual(['known', 'new']);
    contact.keep(two);
    expect(contact.standing(two)).toBe('known');
    expect(Object.keys(kept())).toHaveLength(2);
  });

  test('is no first one where another client has pinned a server since the file was read', () => {
    const pins = open();
    open().require(one);
    const contact = new PinContact(pins, 'never');
    expect(() => contact.standing(two)).toThrow(ServerNotPinned);
  });

  test('is no first one where another client pins a server before it has pinned one', () => {
    const contact = new PinContact(open(), 'never');
    expect(contact.standing(two)).toBe('known');
    open().require(one);
    expect(() => contact.keep(two)).toThrow(ServerNotPinned);
    expect(Object.keys(kept())).toEqual(['0003000101']);
  });

  test('takes any server that an authority vouches for, and refuses its key once that is another', () => {
    open().require(one);
    const contact = new PinContact(open(), 'always');
    expect(contact.standing(two)).toBe('known');
    contact.keep(two);
    expect(() => contact.standing(server(2, 3, 'two'))).toThrow(/HAS CHANGED/);
  });
});

test('servers that are removed are so for those who read the file anew; others stay', () => {
  const pins = ServerPins.open(directory.file('pins'));
  for (const number of [1, 2, 3]) {
    pins.require(server(number, number, 'server'));
  }
  expect(pins.remove(['0003000103', '0003000101', 'ffffff'])).toEqual(['0003000103', '0003000101']);
  expect(Object.keys(kept())).toEqual(['0003000102']);
  expect([...ServerPins.open(directory.file('pins')).entries.keys()]).toEqual(['0003000102']);
});
