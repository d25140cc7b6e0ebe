// SPDX-License-Identifier: MPL-2.0
import { tree } from './tree';

/**
 * In files that are tagged `@sanitized`: what the sanitized build is not given, because hook and addon go the same ways
 * as in another test and only the engine tells them apart.
 */
export const unsanitized = {
  /** A test of its own. */
  it: (name: string, body: () => Promise<void>): void => {
    if (!tree.isSanitized) {
      it(name, body);
    }
  },
  /** Tests that have a set-up of their own. */
  describe: (name: string, body: () => void): void => {
    if (!tree.isSanitized) {
      describe(name, body);
    }
  },
  /** A table of tests: rows for every build, and those for others alone. */
  rows: <Row>(all: readonly Row[], others: readonly Row[]): readonly Row[] =>
    tree.isSanitized ? all : [...all, ...others],
} as const;
