// SPDX-License-Identifier: MPL-2.0

import { closeSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockDescriptor } from './descriptors';

/** Milliseconds between two looks. */
const RETRY_INTERVAL = 20;

/** Another process has held a lock for longer than the caller waits. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';

  constructor(readonly path: string) {
    super(`another process has locked ${path}`);
  }
}

/**
 * Takes a lock of the kernel's (flock(2)) on a directory, or on a file that is made for it and removed with it. It ends
 * with the process, however that ends: whatever process a file would name may be another one by then.
 *
 * @param path an existing directory, or a file that is there only while it is a lock
 * @param maxWait milliseconds
 * @returns releases it
 * @throws LockTimeoutError, Error of the system
 */
export async function lock(path: string, maxWait: number): Promise<() => void> {
  const deadline = performance.now() + maxWait;
  for (;;) {
    const release = tryLock(path);
    if (release !== undefined) {
      return release;
    }
    requireTimeLeft(path, deadline);
    await sleep(RETRY_INTERVAL);
  }
}

/** As {@link lock}, for a caller that cannot let anything else go on meanwhile. */
export function lockSync(path: string, maxWait: number): () => void {
  const deadline = performance.now() + maxWait;
  for (;;) {
    const release = tryLock(path);
    if (release !== undefined) {
      return release;
    }
    requireTimeLeft(path, deadline);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL);
  }
}

function requireTimeLeft(path: string, deadline: number): void {
  if (performance.now() > deadline) {
    throw new LockTimeoutError(path);
  }
}

function tryLock(path: string): (() => void) | undefined {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const descriptor = openSync(path, isDirectory ? 'r' : 'a', 0o600);
  let isOurs = false;
  try {
    // Who had the lock before has removed the file: another one may be the lock by now.
    isOurs = lockDescriptor(descriptor) && isStill(path, descriptor);
  } finally {
    if (!isOurs) {
      closeSync(descriptor);
    }
  }
  if (!isOurs) {
    return undefined;
  }
  return () => {
    if (!isDirectory) {
      rmSync(path, { force: true });
    }
    closeSync(descriptor);
  };
}

function isStill(path: string, descriptor: number): boolean {
  const [there, open] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
  return there?.ino === open.ino && there.dev === open.dev;
}
