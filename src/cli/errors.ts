// SPDX-License-Identifier: MPL-2.0

/** The command line is wrong: exit code 2. Any other error means 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
