// SPDX-License-Identifier: MPL-2.0

import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { PkiError } from '../../pki';
import { draftFile, type FileDraft, systemErrorCode, systemErrorText } from '../../support';

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Only its owner may read it. */
  readonly isSecret: boolean;
}

/**
 * Writes files so that each is there whole or not at all, and none takes another's place unless `force` says so.
 * @throws PkiError `file-exists` before anything is written, `file-unwritable` if the system refuses
 */
export function writeFiles(files: readonly NewFile[], force: boolean): void {
  if (!force) {
    requireAbsent(files.map(({ path }) => path));
  }
  const drafts: { readonly path: string; readonly draft: FileDraft }[] = [];
  try {
    for (const { path, text, isSecret } of files) {
      const mode = isSecret ? 0o600 : 0o644;
      drafts.push({ path, draft: reportAs(path, () => draftFile(path, text, { mode, isDurable: true })) });
    }
    for (const { path, draft } of drafts) {
      reportAs(path, () => {
        place(draft, path, force);
      });
    }
    for (const directory of new Set(files.map(({ path }) => dirname(path)))) {
      syncDirectory(directory);
    }
  } finally {
    for (const { draft } of drafts) {
      draft.discard();
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

/** The system's errors name the temporary file; users know the other. */
function reportAs<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    if (error instanceof PkiError) {
      throw error;
    }
    throw new PkiError('file-unwritable', path, systemErrorText(error), { cause: error });
  }
}

function place(draft: FileDraft, path: string, force: boolean): void {
  if (force) {
    draft.replace();
    return;
  }
  try {
    draft.create();
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
