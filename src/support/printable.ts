// SPDX-License-Identifier: MPL-2.0

/**
 * What a terminal or a log may take for something else than text: controls (C0, DEL, C1), line and paragraph separators,
 * formats (bidirectional controls, tags, soft hyphens) and surrogates without a partner. The two joiners are left, which
 * scripts need.
 */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Texts come from others: a line of what terminals and logs get is nothing but text. */
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

/** The parser of kea-dhcp6.conf gives integers that are no safe numbers. */
function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function escaped(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
