// SPDX-License-Identifier: MPL-2.0

/**
 * Copies what an administrator reads, README.md, CHANGELOG.md, SECURITY.md and docs/, into a directory that already holds
 * whatever else of the tree is installed there. A link to something that is not, the source or a page for developers, becomes
 * the words that it stood under.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [target] = process.argv.slice(2);
const link = /\[([^\]]+)\]\(([^)\s#:]+)(?:#[^)\s]*)?\)/g;

const names = readdirSync('docs').filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CHANGELOG.md', 'SECURITY.md', ...names.map((name) => join('docs', name))];
for (const page of pages) {
  mkdirSync(dirname(join(target, page)), { recursive: true });
  copyFileSync(page, join(target, page));
}
for (const page of pages) {
  const file = join(target, page);
  const text = readFileSync(file, 'utf8');
  const reaches = (to) => existsSync(join(dirname(file), to));
  writeFileSync(
    file,
    text.replace(link, (whole, words, to) => (reaches(to) ? whole : words)),
  );
}
