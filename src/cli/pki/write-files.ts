// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PkiError, systemErrorCode, systemErrorText } from '../../pki';

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Only its owner may read it. */
  readonly isSecret: boolean;
}

/**
 * Writes files so that each is there whole or not at all, and none takes another's place unless `force` says so.
 * @throws PkiError `file-exists` before anything is written, `file-unwritable` where the system refuses
 */
export function writeFiles(files: readonly NewFile[], force: boolean): void {
  if (!force) {
    requireAbsent(files.map(({ path }) => path));
  }
  const written: { readonly temporary: string; readonly path: string }[] = [];
  try {
    for (const file of files) {
      const temporary = `${file.path}.${randomBytes(6).toString('hex')}`;
      written.push({ temporary, path: file.path });
      reportAs(file.path, () => {
        writeDurably(temporary, file);
      });
    }
    for (const { temporary, path } of written) {
      reportAs(path, () => {
        place(temporary, path, force);
      });
    }
    for (const directory of new Set(files.map(({ path }) => dirname(path)))) {
      syncDirectory(directory);
    }
  } finally {
    for (const { temporary } of written) {
      remove(temporary);
    }
  }
}

/** @throws PkiError `file-exists` */
export function requireAbsent(paths: readonly string[]): void {
  for (const path of paths) {
    if (existsSync(path)) {
      throw new PkiError('file-exists', path, 'the file exists, and stays as it is without --force');
    }
  }
}

function writeDurably(path: string, { text, isSecret }: NewFile): void {
  const descriptor = openSync(path, 'wx', isSecret ? 0o600 : 0o644);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The system's errors name the temporary file; people know the other. */
function reportAs(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof PkiError) {
      throw error;
    }
    throw new PkiError('file-unwritable', path, systemErrorText(error), { cause: error });
  }
}

/** link(2) refuses to replace, also what appeared since the check. */
function place(temporary: string, path: string, force: boolean): void {
  if (force) {
    renameSync(temporary, path);
    return;
  }
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      requireAbsent([path]);
    }
    throw error;
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It has been renamed, or was never made.
  }
}
