// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropReasons } from '../../src/engine/packet/drop-reasons';

const tree = join(__dirname, '../..');

/** The first column of each table under a heading. */
function column(heading: string): string[] {
  const page = readFileSync(join(tree, 'docs/statistics.md'), 'utf8');
  const section = page.split(/^#+ /m).find((one) => one.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}

/** What stands in quotes behind a name that the pattern matches. */
function inCode(pattern: RegExp): string[] {
  const code = readFileSync(join(tree, 'native/hook/kea/statistics.h'), 'utf8');
  return [...code.matchAll(pattern)].map(([, name = '']) => name);
}

/** docs/statistics.md names exactly what is counted. */
describe('docs/statistics.md', () => {
  it('has every statistic of the hook', () => {
    const names = inCode(/^constexpr const char\* [A-Z_]+ = "(encryption-[a-z-]+)";/gm);
    expect(names.length).toBeGreaterThan(5);
    expect([...column('Packets'), ...column('The engine')].sort()).toEqual(names.sort());
  });

  it('has every reason of the hook and of the engine', () => {
    const reasons = inCode(/^constexpr const char\* REASON_[A-Z_]+ = "([a-z-]+)";/gm);
    expect(reasons.length).toBeGreaterThan(5);
    expect(column('Counted by the hook').sort()).toEqual(reasons.sort());
    const engines = dropReasons.filter((reason) => !reasons.includes(reason));
    expect(column('Counted by the engine').sort()).toEqual([...engines].sort());
  });
});
