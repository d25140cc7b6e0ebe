// SPDX-License-Identifier: MPL-2.0

import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all; it tells of the client, so only its owner may read it. @throws Error of node:fs */
export function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
