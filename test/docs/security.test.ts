// SPDX-License-Identifier: MPL-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropReasons } from '../../src/engine/packet/drop-reasons';

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

interface AttackRow {
  readonly reason: string;
  readonly section: string;
  readonly tests: readonly Reference[];
}

/** The rows of the table that has an attack for each reason. */
function attackRows(): AttackRow[] {
  const section = text.split(/^## /m).find((one) => one.startsWith('Each reason for a drop')) ?? '';
  return [...section.matchAll(/^\|[^|]+\|[^|]+\| `([a-z-]+)` +\| ([\d.]+) +\|(.+)\|$/gm)].map(
    ([, reason = '', number = '', tests = '']) => ({ reason, section: number, tests: references(tests) }),
  );
}

/** Reasons that the hook counts itself; what an engine of another version says is none of this tree's. */
function hookReasons(): string[] {
  const code = readFileSync(join(tree, 'native/hook/kea/statistics.h'), 'utf8');
  const all = [...code.matchAll(/^constexpr const char\* REASON_[A-Z_]+ = "([a-z-]+)";/gm)];
  return all.map(([, name = '']) => name).filter((name) => name !== 'unspecified');
}

/** Whether a file of tests, or what stands beside it for it, names the reason. */
function names(file: string, reason: string): boolean {
  const constant = `REASON_${reason.toUpperCase().replaceAll('-', '_')}`;
  const content = readFileSync(join(tree, file), 'utf8');
  return [`'${reason}'`, `"${reason}"`, `-drop-${reason}`, constant].some((one) => content.includes(one));
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

  it('has one attack, with a test, for each reason of the engine and of the hook', () => {
    const rows = attackRows();
    expect(hookReasons().length).toBeGreaterThan(5);
    const reasons = new Set<string>([...dropReasons, ...hookReasons()]);
    expect(rows.map(({ reason }) => reason).sort()).toEqual([...reasons].sort());
    expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it('has tests for reasons that name them', () => {
    const silent = attackRows().filter(({ reason, tests }) => !tests.some(({ file }) => names(file, reason)));
    expect(silent).toEqual([]);
  });

  it('has sections for reasons that the protocol has', () => {
    const protocol = readFileSync(join(tree, 'docs/protocol.md'), 'utf8');
    const sections = [...protocol.matchAll(/^#+ ([\d.]+?)\.? /gm)].map(([, number = '']) => number);
    expect(sections.length).toBeGreaterThan(10);
    expect(attackRows().filter(({ section }) => !sections.includes(section))).toEqual([]);
  });
});
