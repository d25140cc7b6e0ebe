// SPDX-License-Identifier: MPL-2.0

import { KeaConfigError } from './errors';
import type { Source } from './source';

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const plain = /[^"\\\u0000-\u001f]*/y;
const unicode = /u([0-9A-Fa-f]{4})/y;

/** A string, whose opening quotation mark is next. */
export function readString(source: Source): string {
  const start = source.position();
  source.advance(1);
  let value = '';
  for (;;) {
    value += source.take(plain)?.[0] ?? '';
    const next = source.peek();
    if (next === '"') {
      source.advance(1);
      return value;
    }
    if (next === '') {
      throw new KeaConfigError('syntax', start, 'a string that does not end');
    }
    if (next !== '\\') {
      throw new KeaConfigError(
        'syntax',
        source.position(),
        `a string with the control character ${JSON.stringify(next)} in it`,
      );
    }
    value += readEscape(source);
  }
}

/** Kea knows no \u beyond \u00ff. */
function readEscape(source: Source): string {
  const position = source.position();
  source.advance(1);
  const simple = escapes.get(source.peek());
  if (simple !== undefined) {
    source.advance(1);
    return simple;
  }
  const text = `\\${source.rest(5)}`;
  const code = Number.parseInt(source.take(unicode)?.[1] ?? '', 16);
  if (Number.isNaN(code) || code > 0xff) {
    throw new KeaConfigError(
      'syntax',
      position,
      `${JSON.stringify(text)} begins with no escape that Kea knows`,
    );
  }
  return String.fromCharCode(code);
}
