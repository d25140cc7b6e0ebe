// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeaConfig } from '../../src/engine/kea-config';
import { checkSettings, parseSettings } from '../../src/engine/settings';

const tree = join(__dirname, '../..');
const ROW = /^\| `([a-z.-]+?)(\.NAME)?` +\| (?:`([^`]*)`|([a-z ]+?)) +\|/;

type Json = Readonly<Record<string, unknown>>;

/** The page up to its second heading: both tables. */
function page(): string {
  const [first = ''] = readFileSync(join(tree, 'docs/settings.md'), 'utf8').split('\n## ');
  return first;
}

/** The rows of the first table: name and default as JSON, undefined where the column has words. */
function documented(): Map<string, string | undefined> {
  const rows = page()
    .split('\n')
    .flatMap((line) => {
      const match = ROW.exec(line);
      return match === null ? [] : [[match[1] ?? '', match[3]] as const];
    });
  return new Map(rows);
}

/** The names in the complete example: `engine.node`, but `message-types` and the like as one. */
function shownNames(): string[] {
  const file = join(tree, 'examples/kea-dhcp6.conf');
  const { value } = parseKeaConfig(file, (path) => readFileSync(path, 'utf8'));
  const { Dhcp6 } = value as { Dhcp6: { 'hooks-libraries': { parameters: Json }[] } };
  const parameters = Dhcp6['hooks-libraries'][0]?.parameters ?? {};
  return Object.entries(parameters).flatMap(([name, setting]) =>
    ['engine', 'encryption-keys', 'contexts', 'timestamp', 'key-table', 'blocklist'].includes(name)
      ? Object.keys(setting as Json).map((inner) => `${name}.${inner}`)
      : [name],
  );
}

const required = {
  certificate: '/server.pem',
  'private-key': '/server.key',
  'trust-anchors': ['/ca.pem'],
};

describe('docs/settings.md', () => {
  it('has every setting', () => {
    // The example cannot show a socket beside an engine that the hook starts, nor a program beside a key, nor metrics, which are off.
    const unshown = ['engine.socket', 'metrics.port', 'metrics.socket', 'private-key-command'];
    expect([...documented().keys()].sort()).toEqual([...shownNames(), ...unshown].sort());
  });

  it('has the defaults', () => {
    const parameters: Record<string, unknown> = { ...required };
    for (const [name, value] of documented()) {
      const [outer = '', inner] = name.split('.');
      if (value === undefined) {
        continue;
      }
      const json: unknown = JSON.parse(value);
      parameters[outer] = inner === undefined ? json : { ...(parameters[outer] as Json), [inner]: json };
    }
    expect(parseSettings(parameters)).toEqual(parseSettings(required));
    expect(Object.keys(parameters)).toHaveLength(18);
  });
});

interface Range {
  readonly name: string;
  readonly from: number;
  /** The lower end itself is refused. */
  readonly above: boolean;
  readonly to: number;
  readonly words: string;
}

/** The rows of the second table, one for each setting in them; `message-types.NAME` by its name alone. */
function ranges(): Range[] {
  const row = /^\| (`[^|]+`) +\| +(> )?([\d.]+) \| +([\d.]+) \|([^|]*)\|$/gm;
  return [...page().matchAll(row)].flatMap(([, names = '', above, from, to, words = '']) =>
    [...names.matchAll(/`([a-z.-]+?)(?:\.NAME)?`/g)].map(([, name = '']) => ({
      name,
      from: Number(from),
      above: above !== undefined,
      to: Number(to),
      words: words.trim(),
    })),
  );
}

describe('the ranges in docs/settings.md', () => {
  const all = ranges();
  const codePoints: Readonly<Record<string, string>> = {
    'message-types': 'encrypted-query',
    'option-codes': 'public-key',
    'status-codes': 'signature-fail',
  };

  /** Whether a setting of this number, or a path of so many octets, is accepted beside the least that is right. */
  function accepts({ name, words }: Range, value: number): boolean {
    const [outer = '', inner = codePoints[outer] ?? ''] = name.split('.');
    const setting = words.startsWith('octets') ? '/'.padEnd(value, 's').slice(0, value) : value;
    // The shortest lifetime goes with a short delta only.
    const timestamp = { delta: 0.5 };
    const section = outer === 'timestamp' ? { ...timestamp, [inner]: setting } : { [inner]: setting };
    return checkSettings({ ...required, timestamp, [outer]: section }).problems.length === 0;
  }

  it('are those of every number', () => {
    const numbers = [...documented()].filter(([, value]) => Number.isFinite(Number(value ?? '-')));
    const others = [...Object.keys(codePoints), 'engine.socket', 'metrics.socket', 'metrics.port'];
    expect(all.map(({ name }) => name).sort()).toEqual([...numbers.map(([name]) => name), ...others].sort());
  });

  it.each(all)('are accepted from end to end and no further: $name, $from to $to', (range) => {
    const { from, above, to, words } = range;
    const step = words.includes('fraction') ? 0.001 : 1;
    const values = [from - step, from, from + step, to, to + step];
    expect(values.map((value) => accepts(range, value))).toEqual([false, !above, true, true, false]);
  });

  it.each(all.filter(({ words }) => !words.startsWith('octets')))('say whether $name is whole', (range) => {
    expect(accepts(range, range.from + 0.25)).toBe(range.words.includes('fraction'));
  });

  it('have the words right', () => {
    const lifetime = (seconds: number, delta: number) =>
      checkSettings({ ...required, 'key-table': { lifetime: seconds }, timestamp: { delta } }).problems
        .length;
    expect([lifetime(199, 100), lifetime(200, 100)]).toEqual([1, 0]);
    const twice = { 'encrypted-query': 100, 'encrypted-reply': 100 };
    expect(checkSettings({ ...required, 'message-types': twice }).problems).toHaveLength(1);
  });
});
