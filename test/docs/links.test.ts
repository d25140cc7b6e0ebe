// SPDX-License-Identifier: MPL-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const tree = join(__dirname, '../..');
const pages = [
  ...readdirSync(tree).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(tree, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A page without what it quotes: code is no link, and has no headings. */
function prose(page: string): string {
  return readFileSync(join(tree, page), 'utf8').replaceAll(/^( *)```[^]*?^\1```$/gm, '');
}

/** The anchors that GitHub gives the headings of a page; of the same heading again it would number them. */
function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Where the relative links of a page lead to: a path within the tree, and an anchor or nothing. */
function links(page: string): (readonly [path: string, anchor: string])[] {
  const found = prose(page)
    .replaceAll(/`[^`\n]*`/g, 'code')
    .matchAll(/\]\(([^)\s#]*)(?:#([^)\s]*))?\)/g);
  return [...found]
    .filter(([, to = '']) => !/^[a-z]+:/.test(to))
    .map(([, to = '', anchor = '']) => [to === '' ? page : join(dirname(page), to), anchor]);
}

const all = pages.flatMap((page) => links(page).map(([path, anchor]) => ({ page, path, anchor })));

test('the pages link to files and directories of this tree that exist', () => {
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter(({ path }) => path.startsWith('..') || !existsSync(join(tree, path)))).toEqual([]);
});

test('there are the pages by which one gets to know a project', () => {
  const usual = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  expect(pages).toEqual(expect.arrayContaining(usual));
});

test('the files and folders that they name in code exist', () => {
  const rooms = readdirSync(tree, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const path = new RegExp(
    `^(?:${rooms.map(({ name }) => name.replaceAll('.', '\\.')).join('|')})/[\\w./-]*$`,
  );
  const named = pages.flatMap((page) =>
    [...prose(page).matchAll(/`([^`\n]*)`/g)]
      .map(([, code = '']) => code)
      .filter((code) => path.test(code) && !/^(?:build|dist|coverage|node_modules)\//.test(code))
      .map((code) => ({ page, code })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ code }) => !existsSync(join(tree, code)))).toEqual([]);
});

test('and to headings that exist', () => {
  const withAnchors = all.filter(({ anchor }) => anchor !== '');
  expect(withAnchors.length).toBeGreaterThan(10);
  expect(withAnchors.filter(({ path, anchor }) => !anchors(path).includes(anchor))).toEqual([]);
});

test('README.md names every page', () => {
  const named = links('README.md').map(([path]) => path);
  expect(pages.filter((page) => page !== 'README.md' && !named.includes(page))).toEqual([]);
});
