// SPDX-License-Identifier: MPL-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const tree = join(__dirname, '../..');
const text = readFileSync(join(tree, 'docs/security.md'), 'utf8');

/** A file of tests and the titles of tests in it: `test/…` “…”, “…”. */
const REFERENCE = /`(test\/[^`]+)`((?:[,\s]*“[^”]+”)+)/g;

interface Reference {
  readonly file: string;
  readonly title: string;
}

function references(passage: string): Reference[] {
  return [...passage.replaceAll(/\s+/g, ' ').matchAll(REFERENCE)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  );
}

/** The items of the lists that follow `heading`, from all over the page. */
function itemsUnder(heading: string): string[] {
  return text
    .split(/\n(?=#+ |\*\*)/)
    .filter((part) => part.startsWith(heading))
    .flatMap((part) => part.split(/\n- /).slice(1));
}

describe('docs/security.md', () => {
  it('names tests that exist', () => {
    const named = references(text);
    expect(named.length).toBeGreaterThan(50);
    const lost = named.filter(({ file, title }) => {
      const path = join(tree, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(title);
    });
    expect(lost).toEqual([]);
  });

  it('names a test for all that it says is stopped', () => {
    const stopped = itemsUnder('**Stopped');
    expect(stopped.length).toBeGreaterThan(20);
    expect(stopped.filter((item) => references(item).length === 0)).toEqual([]);
  });

  it('has no file of tests without a title', () => {
    const files = text.match(/`test\/[^`]+\.(?:ts|cc)`/g) ?? [];
    const flat = text.replaceAll(/\s+/g, ' ');
    expect([...new Set(files)].filter((file) => !flat.includes(`${file} “`))).toEqual([]);
  });
});
