// SPDX-License-Identifier: MPL-2.0

import { closeSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { lockDescriptor } from '../bridge';

/** Milliseconds to wait for others, each of whom reads and writes one small file. */
const patience = 3000;
const interval = 20;

/**
 * Changes a file while no other process does so. The turn is the kernel's lock on a file beside it, which ends with the
 * process; the file itself is another one each time that it is replaced, and its directory anybody could lock.
 * @throws Error of the system, or one that says that somebody else has the turn too long
 */
export function inTurn(file: string, change: () => void): void {
  const lock = `${file}.lock`;
  const deadline = performance.now() + patience;
  while (!changeLocked(lock, change)) {
    if (performance.now() > deadline) {
      throw new Error(`another process has locked ${lock}`);
    }
    pause();
  }
}

/** @returns whether it was this process's turn */
function changeLocked(lock: string, change: () => void): boolean {
  const descriptor = openSync(lock, 'a', 0o600);
  try {
    // Who had the turn before has removed the file: another one may be the lock by now.
    if (!lockDescriptor(descriptor) || !isStill(lock, descriptor)) {
      return false;
    }
    try {
      change();
    } finally {
      rmSync(lock, { force: true });
    }
    return true;
  } finally {
    closeSync(descriptor);
  }
}

function isStill(path: string, descriptor: number): boolean {
  const [there, open] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
  return there?.ino === open.ino && there.dev === open.dev;
}

/** An answer is accepted or refused as it is read: the wait cannot let anything else go on. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, interval);
}
