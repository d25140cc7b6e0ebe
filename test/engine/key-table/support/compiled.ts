// SPDX-License-Identifier: MPL-2.0
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const root = resolve(__dirname, '../../../..');

/** The key table and the programs of its tests as JavaScript, for threads and processes of their own. */
export interface Compiled {
  readonly verifier: string;
  program(name: string): string;
}

/** For the tests of a file. Beside node_modules, so that packages are found from there. */
export function compileKeyTable(): Compiled {
  mkdirSync(join(root, 'build'), { recursive: true });
  const output = mkdtempSync(join(root, 'build', 'test-key-table-'));
  afterAll(() => {
    rmSync(output, { recursive: true, force: true });
  });
  chmodSync(output, 0o755);
  const table = join(root, 'src/engine/key-table');
  const programs = join(root, 'test/engine/key-table/programs');
  const inside = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file));
  const rooms = ['support', 'bridge', 'dhcpv6', 'crypto', 'engine/packet'].map((room) =>
    join(root, 'src', room),
  );
  for (const file of [table, programs, ...rooms].flatMap(inside)) {
    compile(file, join(output, dirname(relative(root, file)), `${basename(file, '.ts')}.js`));
  }
  // The addon is where src/bridge looks for it.
  mkdirSync(join(output, 'build'));
  symlinkSync(join(root, 'build/Release'), join(output, 'build/Release'));
  return {
    verifier: join(output, relative(root, table), 'verify-process.js'),
    program: (name) => join(output, relative(root, programs), `${name}.js`),
  };
}

function compile(source: string, target: string): void {
  const { outputText } = transpileModule(readFileSync(source, 'utf8'), {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, isolatedModules: true },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}
