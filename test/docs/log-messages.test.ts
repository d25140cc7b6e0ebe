// SPDX-License-Identifier: MPL-2.0
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const tree = join(__dirname, '../..');

describe('docs/log-messages.md', () => {
  it('is what native/log-messages.mjs makes of the message file', () => {
    const made = execFileSync(process.execPath, [join(tree, 'native/log-messages.mjs')], {
      encoding: 'utf8',
    });
    expect(readFileSync(join(tree, 'docs/log-messages.md'), 'utf8')).toBe(made);
    expect(made.match(/^## ENCRYPTION_/gm)?.length).toBeGreaterThan(10);
  });
});
