// SPDX-License-Identifier: MPL-2.0

import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A descriptor that is no socket. */
export interface OpenFile {
  readonly fd: number;
  close(): void;
  /** Whether this process holds the file, by whatever descriptor. */
  isHeld(): boolean;
}

/** Of a file that nobody else has. */
export function openFile(): OpenFile {
  const directory = mkdtempSync(join(tmpdir(), 'ke-descriptor-'));
  const fd = openSync(join(directory, 'file'), 'wx');
  rmSync(directory, { recursive: true });
  const { dev, ino } = fstatSync(fd);
  return {
    fd,
    close: () => {
      closeSync(fd);
    },
    isHeld: () =>
      readdirSync('/proc/self/fd').some((name) => {
        const held = statSync(`/proc/self/fd/${name}`, { throwIfNoEntry: false });
        return held?.dev === dev && held.ino === ino;
      }),
  };
}
