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
import { dirname, join, resolve } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const root = resolve(__dirname, '../../..');

/** Files of the tree as JavaScript, for threads and processes of their own. */
export interface Compiled {
  /** The program that a TypeScript file has become, by the file's path in the tree. */
  readonly program: (file: string) => string;
}

/** For the tests of a file: these folders and what is below them. Beside node_modules, so that packages are found. */
export function compiledFor(...folders: readonly string[]): Compiled {
  mkdirSync(join(root, 'build'), { recursive: true });
  const output = mkdtempSync(join(root, 'build', 'test-compiled-'));
  afterAll(() => {
    rmSync(output, { recursive: true, force: true });
  });
  chmodSync(output, 0o755);
  const program = (file: string): string => join(output, `${file.slice(0, -'.ts'.length)}.js`);
  for (const folder of folders) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
      compile(join(root, folder, file), program(join(folder, file)));
    }
  }
  // The addon is where src/bridge looks for it.
  mkdirSync(join(output, 'build'));
  symlinkSync(join(root, 'build/Release'), join(output, 'build/Release'));
  return { program };
}

function compile(source: string, target: string): void {
  const { outputText } = transpileModule(readFileSync(source, 'utf8'), {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, isolatedModules: true },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}
