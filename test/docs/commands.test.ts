// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function read(file: string): string {
  return readFileSync(join(__dirname, '../..', file), 'utf8');
}

function names(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();
}

/** What the hook registers, what the engine answers and what docs/commands.md describes are the same commands. */
describe('docs/commands.md', () => {
  const registered = names(
    /COMMANDS\[\] = \{[^}]+\}/.exec(read('native/hook/kea/callouts.cc'))?.[0] ?? '',
    /"([a-z-]+)"/g,
  );
  const page = read('docs/commands.md');

  it('has a section for each command', () => {
    expect(registered.length).toBeGreaterThan(5);
    expect(names(page, /^## (encryption-[a-z-]+)$/gm)).toEqual(registered);
    expect(names(page, /^\| \[`(encryption-[a-z-]+)`\]/gm)).toEqual(registered);
  });

  it('has those that the engine knows', () => {
    expect(names(read('src/engine/commands/index.ts'), /\['(encryption-[a-z-]+)', /g)).toEqual(registered);
  });

  it('shows a request and an answer for each, as JSON', () => {
    const blocks = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(
      ([, json = '']) => JSON.parse(json) as object,
    );
    const asked = blocks.flatMap((block) => ('command' in block ? [block.command] : []));
    expect([...new Set(asked)].sort()).toEqual(registered);
    expect(blocks.filter((block) => 'result' in block)).toHaveLength(asked.length);
  });
});
