// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { lock, lockSync, LockTimeoutError } from '../../src/bridge';
import { TestDirectory } from '../support/test-directory';
import { thrownBy } from '../support/thrown-by';

const directory = TestDirectory.forEachTest();

describe('a file lock', () => {
  it('is one holder’s at a time, and the next one’s after it', async () => {
    const path = directory.file('lock');
    const release = lockSync(path, 0);
    expect(thrownBy(() => lockSync(path, 0))).toBeInstanceOf(LockTimeoutError);
    await expect(lock(path, 0)).rejects.toThrow(`another process has locked ${path}`);
    release();
    (await lock(path, 0))();
  });

  it('waits for its holder', async () => {
    const path = directory.file('lock');
    const release = lockSync(path, 0);
    const next = lock(path, 60_000);
    release();
    (await next)();
  });

  it('is a file for its owner only, and leaves none behind', () => {
    const before = process.umask(0);
    const release = lockSync(directory.file('lock'), 0);
    process.umask(before);
    expect(statSync(directory.file('lock')).mode & 0o777).toBe(0o600);
    release();
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('may be a directory, which stays', () => {
    const release = lockSync(directory.path, 0);
    expect(thrownBy(() => lockSync(directory.path, 0))).toBeInstanceOf(LockTimeoutError);
    release();
    lockSync(directory.path, 0)();
    expect(existsSync(directory.path)).toBe(true);
  });

  it('is taken where a file of a process that has died is in its place', () => {
    const path = directory.write('lock', '4711\n');
    lockSync(path, 0)();
    expect(existsSync(path)).toBe(false);
  });

  it('tells why it cannot be taken', async () => {
    expect(() => lockSync(directory.file('missing/lock'), 0)).toThrow('ENOENT');
    await expect(lock(directory.file('missing/lock'), 0)).rejects.toThrow('ENOENT');
  });

  it('is taken in turn by many at once', async () => {
    const path = directory.file('lock');
    let holders = 0;
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const release = await lock(path, 60_000);
        holders += 1;
        expect(holders).toBe(1);
        await Promise.resolve();
        holders -= 1;
        release();
      }),
    );
    expect(readdirSync(directory.path)).toEqual([]);
  });
});
