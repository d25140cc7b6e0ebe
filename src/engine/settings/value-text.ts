// SPDX-License-Identifier: MPL-2.0

const longest = 80;

/** A value as the configuration has it, for a message: on one line, and cut where it is long. */
export function valueText(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : toJson(value);
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function toJson(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? String(member) : member,
  );
}
