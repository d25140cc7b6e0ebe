// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';

/**
 * The path of a program for a process of its own, by the name of its file: `compile-programs.cjs` has made it, or, in the
 * benchmarks, the compiler has, beside this file.
 */
export function program(name: string): string {
  const directory = __filename.endsWith('.ts') ? join(__dirname, '../../../build/test-programs') : __dirname;
  return join(directory, `${name}.js`);
}
