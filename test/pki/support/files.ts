// SPDX-License-Identifier: MPL-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of a test file's own, removed at its end. */
export class TestDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'kea-encryption-pki-'));

  write(name: string, contents: string | Buffer): string {
    const path = join(this.path, name);
    writeFileSync(path, contents);
    return path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
