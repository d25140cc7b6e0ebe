// SPDX-License-Identifier: MPL-2.0

/** Names come from others: a terminal is told nothing but text. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

export function warn(text: string): void {
  process.stderr.write(`kea-encryption: ${printable(text)}\n`);
}
