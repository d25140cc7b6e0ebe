// SPDX-License-Identifier: MPL-2.0

import { closeSync, openSync, readdirSync } from 'node:fs';

/** How many descriptors this process holds. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** A descriptor that is no socket. */
export function openFile(): { readonly fd: number; close(): void } {
  const fd = openSync('/dev/null', 'r');
  return { fd, close: () => closeSync(fd) };
}
