// SPDX-License-Identifier: MPL-2.0
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TestDirectory } from '../support/test-directory';

/**
 * What the programs in dist load (native/pack.mjs, native/loader.cjs): a client that has read its certificate and trust
 * anchors no more than it needs, since each client pays for it in processor time and memory.
 */

const root = join(__dirname, '../..');
const directory = TestDirectory.forAllTests().path;
const probe = join(directory, 'probe.cjs');
const report = join(directory, 'report.json');

/** Runs the command; gives what was loaded: files by Node.js, modules by the loader, each by its path from the root. */
function loadedBy(...args: readonly string[]): { readonly files: string[]; readonly modules: string[] } {
  spawnSync(process.execPath, ['--require', probe, join(root, 'dist/cli/main.js'), ...args]);
  const { files, modules } = JSON.parse(readFileSync(report, 'utf8')) as Record<
    'files' | 'modules',
    string[]
  >;
  const fromRoot = (paths: readonly string[]) => paths.map((path) => relative(root, path));
  return { files: fromRoot(files.filter((file) => file !== probe)), modules: fromRoot(modules) };
}

beforeAll(() => {
  writeFileSync(
    probe,
    `const vm = require('node:vm');
    const { compileFunction } = vm;
    const modules = [];
    vm.compileFunction = (code, parameters, options) => {
      modules.push(options.filename);
      return compileFunction(code, parameters, options);
    };
    process.on('exit', () => {
      const loaded = JSON.stringify({ files: Object.keys(require.cache), modules });
      require('node:fs').writeFileSync(${JSON.stringify(report)}, loaded);
    });`,
  );
});

test('a client loads no npm package but the one of the command line, and nothing of the engine or of issuing', () => {
  const authority = join(directory, 'ca');
  const client = join(directory, 'client');
  loadedBy('pki', 'init', '--directory', authority);
  loadedBy('pki', 'client', '--directory', authority, '--name', 'host.example.net', '--out', client);
  const { files, modules } = loadedBy(
    ...['client', 'lease', '--interface', 'nowhere0', '--certificate', `${client}.pem`],
    ...['--private-key', `${client}.key`, '--trust-anchors', join(authority, 'ca.pem')],
  );
  expect(files.sort()).toEqual(['dist/cli/main.js', 'dist/loader.cjs']);
  expect(modules).toEqual(
    expect.arrayContaining(['dist/client/exchange/udp-transport.js', 'dist/pki/trust-store.js']),
  );
  expect(modules.filter((name) => /dist\/(?:engine|perf|pki\/issue|cli\/pki)\b/.test(name))).toEqual([]);
});

test('a command that issues certificates loads what issues them, and not the client', () => {
  const { files, modules } = loadedBy('pki', 'init', '--directory', join(directory, 'another'));
  expect(files).toEqual(expect.arrayContaining([expect.stringMatching(/^node_modules\/@peculiar\/x509\//)]));
  expect(modules).toContain('dist/pki/issue/authority.js');
  expect(modules.filter((name) => name.startsWith('dist/client'))).toEqual([]);
});
