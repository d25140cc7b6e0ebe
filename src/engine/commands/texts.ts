// SPDX-License-Identifier: MPL-2.0

/** @param milliseconds since 1970 */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

export const keyRight =
  'the SHA-256 of a SubjectPublicKeyInfo in hexadecimal, as encryption-key-list shows it';
