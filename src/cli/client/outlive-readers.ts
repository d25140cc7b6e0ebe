// SPDX-License-Identifier: MPL-2.0

/** From now on nothing that becomes of the output ends the process: a client that runs on has a lease to give back. */
export function outliveReaders(): void {
  for (const output of [process.stdout, process.stderr]) {
    output.removeAllListeners('error').on('error', () => undefined);
  }
}
