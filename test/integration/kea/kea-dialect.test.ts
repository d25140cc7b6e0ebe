// SPDX-License-Identifier: MPL-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dialect, dialectFiles } from '../../engine/kea-config/dialect';
import { TestDirectory } from '../../support/test-directory';

/** What `kea-encryption check` takes for Kea's dialect of JSON, and what Kea does. */
describe('kea-dhcp6 -t reads as the table of the dialect says', () => {
  const directory = TestDirectory.forAllTests();

  beforeAll(() => {
    for (const [file, text] of dialectFiles((name) => directory.file(name))) {
      directory.write(file, text);
    }
  });

  function isTaken(text: string): Promise<boolean> {
    const named = text.replaceAll(/include([ \t\n]*)"([A-Z0-9]+)"/g, `include$1"${directory.path}/$2"`);
    const file = directory.write('kea-dhcp6.conf', `{ "Dhcp6": { "user-context": { "value": ${named}\n} } }`);
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
