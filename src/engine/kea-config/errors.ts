// SPDX-License-Identifier: MPL-2.0

/** Where a character stands; lines and columns count from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * - `unreadable`: a file cannot be read.
 * - `syntax`: not Kea's JSON.
 * - `include`: includes that go in a circle or too deep.
 * - `nesting`: maps and lists inside each other without an end.
 */
export type KeaConfigErrorCode = 'unreadable' | 'syntax' | 'include' | 'nesting';

/** A file that Kea could not read as a configuration either. */
export class KeaConfigError extends Error {
  override readonly name = 'KeaConfigError';

  constructor(
    readonly code: KeaConfigErrorCode,
    readonly position: FilePosition,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
