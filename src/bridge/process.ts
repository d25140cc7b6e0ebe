// SPDX-License-Identifier: MPL-2.0

import { native } from './native';

/**
 * The number of a user.
 * @returns undefined where nobody has the name
 * @throws Error if the system's user database cannot be read
 */
export function userId(name: string): number | undefined {
  return native.userId(name);
}

/** Sets this process's RLIMIT_CORE to 0 for good: a core would hold its keys. */
export function forbidCoreDumps(): void {
  native.forbidCoreDumps();
}
