// SPDX-License-Identifier: MPL-2.0

import { jsonText } from './printable';

const longest = 80;

/** A value as the configuration has it, for a message: on one line, and cut where it is long. */
export function valueText(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'bigint' ? String(value) : jsonText(value);
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
