// SPDX-License-Identifier: MPL-2.0

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PkiError, systemErrorCode, systemErrorText } from '../../pki';

const patience = 30_000;
const interval = 20;

/**
 * Runs a command that changes what an authority keeps while no other one does. A file says that one does. A command
 * that was killed leaves it behind: it is never taken over, because two that try so at once would both succeed.
 * @param file is there while a command runs
 * @throws PkiError `file-exists` where another one has it too long, `file-unwritable`
 */
export async function withAuthorityLock<Result>(file: string, task: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + patience;
  while (!create(file)) {
    const owner = ownerOf(file);
    if (owner === 'gone' || performance.now() > deadline) {
      const who = owner === 'gone' ? 'a command that has died left it' : 'another command is under way';
      throw new PkiError('file-exists', file, `${who}: remove the file if none is running`);
    }
    await sleep(interval);
  }
  try {
    return await task();
  } finally {
    rmSync(file, { force: true });
  }
}

function create(file: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, `${process.pid}\n`);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      return false;
    }
    throw new PkiError('file-unwritable', file, systemErrorText(error), { cause: error });
  }
}

/** Of a file that has no number in it yet, or has just gone, nothing is known. */
function ownerOf(file: string): 'alive' | 'gone' | 'unknown' {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) {
      return 'unknown';
    }
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH' ? 'gone' : 'unknown';
  }
}
