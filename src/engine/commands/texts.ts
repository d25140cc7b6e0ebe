// SPDX-License-Identifier: MPL-2.0

/** @param milliseconds since 1970 */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** As Kea writes DUIDs: `00:03:00:01`. */
export function duidText(duid: Buffer): string {
  return (duid.toString('hex').match(/../g) ?? []).join(':');
}

export const keyRight =
  'the SHA-256 of a SubjectPublicKeyInfo in hexadecimal, as encryption-key-list shows it';

export const duidRight = 'a DUID in hexadecimal, as encryption-binding-list shows it';
