// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

/**
 * Makes a program for a process of its own of a TypeScript file that imports nothing but Node.js and files beside
 * it; gives its path.
 */
export async function transpile(file: string, directory: string): Promise<string> {
  const program = join(directory, basename(file).replace(/\.ts$/, '.js'));
  const { outputText } = transpileModule(await readFile(file, 'utf8'), {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
  });
  // Another process may be reading the same program.
  const unfinished = `${program}.${randomBytes(4).toString('hex')}`;
  await writeFile(unfinished, outputText);
  await rename(unfinished, program);
  for (const [, beside] of outputText.matchAll(/require\("\.\/([\w-]+)"\)/g)) {
    await transpile(join(dirname(file), `${beside ?? ''}.ts`), directory);
  }
  return program;
}
