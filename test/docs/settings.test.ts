// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeaConfig } from '../../src/engine/kea-config';
import { parseSettings } from '../../src/engine/settings';

const tree = join(__dirname, '../..');
const ROW = /^\| `([a-z.-]+?)(\.NAME)?` +\| (?:`([^`]*)`|([a-z ]+?)) +\|/;

type Json = Readonly<Record<string, unknown>>;

/** The rows of the first table: name and default as JSON, undefined where the column has words. */
function documented(): Map<string, string | undefined> {
  const [first = ''] = readFileSync(join(tree, 'docs/settings.md'), 'utf8').split('\n## ');
  const rows = first.split('\n').flatMap((line) => {
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
    ['engine', 'timestamp', 'key-table', 'blocklist'].includes(name)
      ? Object.keys(setting as Json).map((inner) => `${name}.${inner}`)
      : [name],
  );
}

describe('docs/settings.md', () => {
  const required = {
    certificate: '/server.pem',
    'private-key': '/server.key',
    'trust-anchors': ['/ca.pem'],
  };

  it('has every setting', () => {
    // The example cannot show a socket beside an engine that the hook starts, nor metrics, which are off.
    const unshown = ['engine.socket', 'metrics.port', 'metrics.socket'];
    expect([...documented().keys()].sort()).toEqual([...shownNames(), ...unshown].sort());
  });

  it('tells the defaults', () => {
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
    expect(Object.keys(parameters)).toHaveLength(16);
  });
});
