// SPDX-License-Identifier: MPL-2.0
'use strict';

/**
 * Runs before all integration tests: makes programs for processes of their own (program.ts) of TypeScript files that
 * import nothing but Node.js and files beside them. Once, and not in each test file, as loading the compiler takes as
 * long as many of them.
 */
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');

const sources = [
  'support/eavesdropper.ts',
  'support/flood.ts',
  'support/reaper.ts',
  'support/relay.ts',
  'support/steady-client.ts',
  'support/swarm.ts',
  'attacks/support/wire-process.ts',
];

module.exports = () => {
  const root = join(__dirname, '../../..');
  const directory = join(root, 'build/test-programs');
  mkdirSync(directory, { recursive: true });
  for (const source of sources) {
    const { outputText } = transpileModule(readFileSync(join(__dirname, '..', source), 'utf8'), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
    });
    const program = join(directory, `${basename(source, '.ts')}.js`);
    // Another run may be reading the same program.
    writeFileSync(`${program}.${process.pid}`, outputText);
    renameSync(`${program}.${process.pid}`, program);
  }
};
