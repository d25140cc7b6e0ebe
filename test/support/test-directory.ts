// SPDX-License-Identifier: MPL-2.0

import { mkdtempSync, rmSync, writeFileSync, type WriteFileOptions } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary directory of a test's own. */
export class TestDirectory {
  private made: string | undefined;

  /** One for the tests of a file, or of a `describe`: it is there at once, and removed after them. */
  static forAllTests(): TestDirectory {
    const directory = new TestDirectory();
    directory.make();
    afterAll(() => {
      directory.remove();
    });
    return directory;
  }

  /** One that each test has for itself. */
  static forEachTest(): TestDirectory {
    const directory = new TestDirectory();
    beforeEach(() => {
      directory.make();
    });
    afterEach(() => {
      directory.remove();
    });
    return directory;
  }

  get path(): string {
    if (this.made === undefined) {
      throw new Error('there is no directory outside of the tests');
    }
    return this.made;
  }

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** @returns the path of the file */
  write(name: string, contents: string | Buffer, options?: WriteFileOptions): string {
    const path = this.file(name);
    writeFileSync(path, contents, options);
    return path;
  }

  private make(): void {
    // A short path: Unix sockets in it have room for 107 octets.
    this.made = mkdtempSync(join(tmpdir(), 'ke-test-'));
  }

  private remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    this.made = undefined;
  }
}
