// SPDX-License-Identifier: MPL-2.0
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { HookSettings } from './kea-configuration';

/** A hook library of Kea's own, as Debian installs it. */
export function installedHook(name: string): string {
  const found = readdirSync('/usr/lib')
    .map((triplet) => join('/usr/lib', triplet, 'kea/hooks', name))
    .find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`${name} is not installed`);
  }
  return found;
}

/** The same libraries in a directory that is made for them: from 2.6 on Kea loads hooks from one directory only. */
export async function hooksIn(directory: string, hooks: readonly HookSettings[]): Promise<HookSettings[]> {
  await mkdir(directory, { recursive: true });
  return Promise.all(
    hooks.map(async ({ library, ...rest }) => {
      const there = join(directory, basename(library));
      if (!existsSync(there)) {
        await symlink(library, there);
      }
      return { library: there, ...rest };
    }),
  );
}
