// SPDX-License-Identifier: MPL-2.0

/**
 * Makes the programs in dist of the modules that tsc has compiled, after it: the code of all that they need in one
 * file, out of which loader.cjs loads what is used. npm packages stay files of their own, but the one that every command
 * begins with. What else is in dist is the library, module by module.
 */
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lazyImports } from './lazy-imports.cjs';

const ts = createRequire(import.meta.url)('typescript');

const programs = ['cli/main', 'engine/main', 'engine/process/worker', 'engine/key-table/verify-process'];

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '../src');
const dist = join(here, '../dist');

/** Packages that are packed, too, and their first module by its path from dist. */
const packages = new Map([['commander', '../node_modules/commander/index']]);

const isPackages = (name) => name.startsWith('../node_modules/');

/** A module as tsc writes it. Where a program's was, there may be the program by now. */
function compiled(name) {
  if (!programs.includes(name)) {
    return readFileSync(join(dist, `${name}.js`), 'utf8');
  }
  const { config } = ts.readConfigFile(join(here, '../tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, source);
  const code = readFileSync(join(source, `${name}.ts`), 'utf8');
  return ts.transpileModule(code, { compilerOptions: options }).outputText;
}

/** The name of the module that another one imports; undefined if it is not packed. */
function resolve(importer, specifier) {
  if (!specifier.startsWith('.')) {
    return packages.get(specifier);
  }
  const path = posix.join(posix.dirname(importer), specifier).replace(/\.js$/, '');
  const found = [path, `${path}/index`].find((name) =>
    existsSync(isPackages(name) ? join(dist, `${name}.js`) : join(source, `${name}.ts`)),
  );
  if (found === undefined) {
    throw new Error(`${importer} imports ${specifier}, which is not there`);
  }
  return found;
}

/** Comments would stay in memory with the code. Lines stay where they are. */
function withoutComments(code) {
  const comments = new Map();
  const visit = (node) => {
    for (const { pos, end } of ts.getLeadingCommentRanges(code, node.pos) ?? []) {
      comments.set(pos, end);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('module.js', code, ts.ScriptTarget.ES2022));
  let from = 0;
  const parts = [];
  for (const [start, end] of [...comments].sort(([first], [second]) => first - second)) {
    parts.push(code.slice(from, start), code.slice(start, end).replace(/[^\n]/g, ''));
    from = end;
  }
  return [...parts, code.slice(from)].join('');
}

const shebangLine = /^#!.*\n/;
const names = [...programs];
const places = [];
const code = [];
let end = 0;
// A list that grows under its loop: each module appends those that it imports.
for (const name of names) {
  const text = lazyImports(withoutComments(compiled(name).replace(shebangLine, '\n'))).replace(
    /\brequire\((["'])([^"']+)\1\)/g,
    (call, _quote, specifier) => {
      const wanted = resolve(name, specifier);
      if (wanted === undefined) {
        return call;
      }
      if (!names.includes(wanted)) {
        names.push(wanted);
      }
      return `load(${names.indexOf(wanted)})`;
    },
  );
  const octets = Buffer.from(text);
  places.push([name, end, octets.length]);
  code.push(octets);
  end += octets.length;
}
/** A program that runs has the file of modules open and goes on with it, so it gets a successor and is not written to. */
function replace(name, contents) {
  const file = join(dist, name);
  writeFileSync(`${file}.new`, contents);
  renameSync(`${file}.new`, file);
}
replace('modules.txt', Buffer.concat(code));
replace('modules.json', JSON.stringify(places));
copyFileSync(join(here, 'loader.cjs'), join(dist, 'loader.cjs'));
for (const name of programs) {
  const [shebang = ''] = shebangLine.exec(readFileSync(join(source, `${name}.ts`), 'utf8')) ?? [];
  const loader = posix.relative(posix.dirname(name), 'loader.cjs');
  const file = join(dist, `${name}.js`);
  writeFileSync(
    file,
    `${shebang}// SPDX-License-Identifier: MPL-2.0
'use strict';
require('${loader}').start('${name}', module, require);
`,
  );
  rmSync(`${file}.map`, { force: true });
}
