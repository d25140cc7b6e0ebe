// SPDX-License-Identifier: MPL-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dialect, dialectFiles } from '../engine/kea-config/dialect';

/** What `kea-encryption check` takes for Kea's dialect of JSON, and what Kea does. */
describe('kea-dhcp6 -t reads as the table of the dialect says', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kea-dialect-'));
    const path = (file: string) => join(directory, file);
    for (const [file, text] of dialectFiles(path)) {
      await writeFile(path(file), text);
    }
  });

  afterAll(() => rm(directory, { recursive: true }));

  async function isTaken(text: string): Promise<boolean> {
    const file = join(directory, 'kea-dhcp6.conf');
    const named = text.replaceAll(/include([ \t\n]*)"([A-Z0-9]+)"/g, `include$1"${directory}/$2"`);
    await writeFile(file, `{ "Dhcp6": { "user-context": { "value": ${named}\n} } }`);
    return promisify(execFile)('kea-dhcp6', ['-t', file], {
      env: { ...process.env, KEA_LOCKFILE_DIR: 'none', KEA_LOGGER_DESTINATION: 'stdout' },
    }).then(
      () => true,
      () => false,
    );
  }

  it.each(dialect)('%j', async (text, meaning) => {
    expect(await isTaken(text)).toBe(meaning !== 'refused');
  });
});
