// SPDX-License-Identifier: MPL-2.0

import { printable } from '../../support';

/** Characters of a text that logs, the key table, the hook and the other side get to see. */
const MAX_LENGTH = 256;

/** The beginning of a text that may hold what a packet or a command brought: a subject, an object identifier, an argument. */
export function briefText(text: string): string {
  return printable(text.slice(0, MAX_LENGTH));
}
