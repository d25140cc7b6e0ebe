// SPDX-License-Identifier: MPL-2.0

/**
 * What a terminal or a log may take for something else than text: controls (C0, DEL, C1), line and paragraph separators,
 * formats (bidirectional controls, tags, soft hyphens) and surrogates without a partner. The two joiners are left, which
 * scripts need.
 */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Characters of a value in a message. */
const MAX_LENGTH = 80;

/** A line for a terminal or a log: harmful characters of texts from others become spaces. */
export function printable(line: string): string {
  return line.replace(unprintable, ' ');
}

/** JSON that is as safe to print, and reads as the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, bigintText, indent).replace(unprintable, (found) =>
    // Between values there are line feeds alone, inside them none.
    found === '\n' ? found : Array.from({ length: found.length }, (_, at) => escaped(found, at)).join(''),
  );
}

/** A value as the configuration has it, for a message: on one line, and cut if it is long. */
export function valueText(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'bigint' ? String(value) : jsonText(value);
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1)}…`;
}

/** The parser of kea-dhcp6.conf gives integers that are no safe numbers. */
function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function escaped(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
