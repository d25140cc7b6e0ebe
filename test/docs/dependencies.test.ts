// SPDX-License-Identifier: MPL-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

const tree = join(__dirname, '../..');

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(tree, file), 'utf8'));
const lock = read('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };
const own = read('package.json') as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const page = readFileSync(join(tree, 'docs/dependencies.md'), 'utf8');

/** Cells of the rows of a table under a heading. */
function rows(heading: string): string[][] {
  const section = page.split(/^## /m).find((one) => one.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (`.+) \|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
}

const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** Name of a package by its place in the lock: the last one where one is inside another. */
const nameOf = (place: string): string =>
  place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

const installed = Object.entries(lock.packages).filter(([place]) => place !== '');
const running = installed.filter(([, { dev }]) => dev !== true);

/** Names of packages in statements that import, and in calls. */
const imported =
  /^(?:import|export)\b[^;]*?\bfrom '([@a-z][^']*)';|^import '([@a-z][^']*)';|\b(?:import|require)\('([@a-z][^']*)'\)/gm;

interface Listed {
  readonly pattern: RegExp;
  readonly name: string;
  readonly licence: string;
  readonly users: readonly string[];
}

const listed: readonly Listed[] = rows('At run time').map(([cell, licence = '', users]) => {
  const [name = ''] = quoted(cell);
  const pattern = new RegExp(`^${name.replaceAll(/[.+]/g, '\\$&').replaceAll('*', '[a-z0-9-]+')}$`);
  return { pattern, name, licence, users: quoted(users) };
});

describe('docs/dependencies.md', () => {
  it('has each package that runs, and no other', () => {
    const names = running.map(([place]) => nameOf(place));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !listed.some(({ pattern }) => pattern.test(name)))).toEqual([]);
    expect(listed.filter(({ pattern }) => !names.some((name) => pattern.test(name)))).toEqual([]);
  });

  it('has the licence that each package names, in the lock and where it is installed', () => {
    const differing = running.flatMap(([place, { license }]) => {
      const name = nameOf(place);
      const licence = listed.find(({ pattern }) => pattern.test(name))?.licence;
      const manifest = `${place}/package.json`;
      const told = existsSync(join(tree, manifest)) ? (read(manifest) as LockedPackage).license : license;
      return license === licence && told === licence ? [] : [{ name, licence, license, told }];
    });
    expect(differing).toEqual([]);
  });

  it('says from where each package is imported', () => {
    const imports = new Set<string>();
    for (const file of readdirSync(join(tree, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) {
        const text = readFileSync(join(tree, 'src', file), 'utf8');
        for (const [, first, second, third] of text.matchAll(imported)) {
          const from = first ?? second ?? third ?? '';
          const parts = from.split('/');
          const name = parts.slice(0, from.startsWith('@') ? 2 : 1).join('/');
          if (!name.startsWith('node:') && !builtinModules.includes(name)) {
            imports.add(`${name} in src/${file}`);
          }
        }
      }
    }
    const allowed = listed.flatMap(({ name, users }) => users.map((user) => `${name} in ${user}`));
    expect(imports.size).toBeGreaterThan(5);
    expect([...imports].filter((one) => !allowed.some((begin) => one.startsWith(`${begin}/`)))).toEqual([]);
    const rooms = listed.flatMap(({ name, users }) =>
      users.filter((user) => user.startsWith('src/')).map((user) => `${name} in ${user}/`),
    );
    expect(rooms.filter((begin) => ![...imports].some((one) => one.startsWith(begin)))).toEqual([]);
  });

  it('has each package that this project itself names', () => {
    expect(Object.keys(own.dependencies).filter((name) => !listed.some((one) => one.name === name))).toEqual(
      [],
    );
    const tools = rows('For building and testing').flatMap(([cell]) => quoted(cell));
    expect(tools.sort()).toEqual(Object.keys(own.devDependencies).sort());
  });

  it('has the licences of what builds and tests', () => {
    const text =
      /^Their own dependencies are under ([^]+?)\.$/m.exec(page.replaceAll('\n', ' '))?.[1] ?? page;
    const others = installed.filter(([, { dev, license = '' }]) => {
      const choices = license.replaceAll(/[()]/g, '').split(' OR ');
      return dev === true && !choices.some((one) => text.includes(one));
    });
    expect(others.map(([place, { license }]) => `${place}: ${license ?? 'none'}`)).toEqual([]);
  });
});
