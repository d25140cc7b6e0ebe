// SPDX-License-Identifier: MPL-2.0

/** Names come from others: a terminal is told nothing but text. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

export function warn(text: string): void {
  process.stderr.write(`kea-encryption: ${printable(text)}\n`);
}

/** From now on nothing that becomes of the output ends the process: a client that runs on has a lease to give back. */
export function outliveReaders(): void {
  for (const output of [process.stdout, process.stderr]) {
    output.removeAllListeners('error').on('error', () => undefined);
  }
}
