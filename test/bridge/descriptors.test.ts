// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { closeSync, openSync } from 'node:fs';
import { lockDescriptor } from '../../src/bridge';
import { TestDirectory } from '../support/test-directory';

describe('a lock', () => {
  const directory = TestDirectory.forEachTest();

  test.each(['a directory', 'a file'])('on %s has one owner until its descriptor is closed', (what) => {
    const path = what === 'a file' ? directory.file('file') : directory.path;
    const flags = what === 'a file' ? 'a' : 'r';
    const [one, other] = [openSync(path, flags), openSync(path, flags)];
    expect([lockDescriptor(one), lockDescriptor(other)]).toEqual([true, false]);
    expect(lockDescriptor(one)).toBe(true);
    closeSync(one);
    expect(lockDescriptor(other)).toBe(true);
    closeSync(other);
  });

  test.each([
    [1_000_000, /^fd: bad file descriptor/],
    [-1, /^fd: must be an integer/],
    [1.5, /^fd: must be an integer/],
  ])('on what is no descriptor is refused: %p', (fd, message) => {
    expect(() => lockDescriptor(fd)).toThrow(message);
  });
});
