// SPDX-License-Identifier: MPL-2.0

/**
 * - `unavailable`: the state directory or the table could not be opened.
 * - `unusable-file`: the table's file is corrupt, or no key table of this format.
 * - `read-failed`, `write-failed`: an operation failed and changed nothing; others may go on.
 */
export type KeyTableErrorCode = 'unavailable' | 'unusable-file' | 'read-failed' | 'write-failed';

export class KeyTableError extends Error {
  override readonly name = 'KeyTableError';

  constructor(
    readonly code: KeyTableErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
