// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface FileOptions {
  /** Permissions; by default only the owner may read it. */
  readonly mode?: number;
  /** Whether it has to be on the disk before it takes its place. */
  readonly isDurable?: boolean;
}

/** A file that is whole, and not yet in its place. */
export interface FileDraft {
  /** Replaces what is there. @throws Error of the system */
  replace(): void;
  /** @throws Error of the system, `EEXIST` if something is there */
  create(): void;
  /** Removes what was not put in its place. */
  discard(): void;
}

/**
 * Writes a file beside its place.
 * @throws Error of the system; nothing is left behind
 */
export function draftFile(
  path: string,
  text: string | Uint8Array,
  { mode = 0o600, isDurable = false }: FileOptions = {},
): FileDraft {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  const discard = (): void => {
    rmSync(draft, { force: true });
  };
  try {
    const descriptor = openSync(draft, 'wx', mode);
    try {
      writeFileSync(descriptor, text);
      if (isDurable) {
        fsyncSync(descriptor);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    discard();
    throw error;
  }
  return {
    replace: () => {
      renameSync(draft, path);
    },
    // link(2) refuses to replace, also what has appeared since anybody looked.
    create: () => {
      linkSync(draft, path);
      discard();
    },
    discard,
  };
}

/** Writes a file whole or not at all. @throws Error of the system; what was there stays */
export function replaceFile(path: string, text: string | Uint8Array, options?: FileOptions): void {
  const draft = draftFile(path, text, options);
  try {
    draft.replace();
  } catch (error) {
    draft.discard();
    throw error;
  }
}
