// SPDX-License-Identifier: MPL-2.0

import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { lockDescriptor } from '../../../src/bridge';
import { ServerPins } from '../../../src/client';
import { TestDirectory } from '../../support/test-directory';

const directory = TestDirectory.forEachTest();
const duid = (number: number): Buffer => Buffer.of(0, 3, 0, 1, number);
const key = (number: number): Buffer => Buffer.alloc(32, number);

function kept(): Record<string, string> {
  return JSON.parse(readFileSync(directory.file('pins'), 'utf8')) as Record<string, string>;
}

test('two clients that have one file keep what each has found', () => {
  const [one, two] = [ServerPins.open(directory.file('pins')), ServerPins.open(directory.file('pins'))];
  one.require(duid(1), key(1), 'one');
  two.require(duid(2), key(2), 'two');
  one.require(duid(3), key(3), 'three');
  expect(Object.keys(kept()).sort()).toEqual(['0003000101', '0003000102', '0003000103']);
  expect(readdirSync(directory.path)).toEqual(['pins']);
});

test('a key that another client has kept meanwhile is not replaced by another one', () => {
  const [one, two] = [ServerPins.open(directory.file('pins')), ServerPins.open(directory.file('pins'))];
  one.require(duid(1), key(1), 'one');
  expect(() => two.require(duid(1), key(2), 'impostor')).toThrow(/HAS CHANGED: impostor/);
  expect(kept()).toEqual({ '0003000101': key(1).toString('hex') });
});

test('a line that was removed from the file is not put back with the next server', () => {
  const pins = ServerPins.open(directory.file('pins'));
  pins.require(duid(1), key(1), 'one');
  writeFileSync(directory.file('pins'), '{}');
  pins.require(duid(2), key(2), 'two');
  expect(Object.keys(kept())).toEqual(['0003000102']);
});

test('a file that another process has locked too long is reported; a stale lock file does not lock', () => {
  const pins = ServerPins.open(directory.file('pins'));
  const lock = openSync(directory.file('pins.lock'), 'a');
  expect(lockDescriptor(lock)).toBe(true);
  const require = (): void => pins.require(duid(1), key(1), 'one');
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
  expect(() => pins.require(duid(1), key(1), 'one')).toThrow(/no\/pins cannot be written: no such file/);
});
