// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import { type FilePosition, KeaConfigError } from './errors';
import { Source } from './source';
import { readString } from './string-token';

export type Mark = '{' | '}' | '[' | ']' | ',' | ':';

/** An integer beyond what a number holds exactly is a bigint. */
export type Scalar = string | number | bigint | boolean | null;

export type Token =
  | { readonly kind: 'mark'; readonly text: Mark; readonly position: FilePosition }
  | { readonly kind: 'value'; readonly value: Scalar; readonly position: FilePosition }
  | { readonly kind: 'end'; readonly position: FilePosition };

/** Gives the text of a file. Throws an Error that says why it cannot. */
export type FileReader = (file: string) => string;

/** Kea opens an included file where at most this many others are open above it (dhcp6_lexer.ll, includeFile). */
const MAX_INCLUDE_DEPTH = 10;

/** Of all files together, each as often as it is included: includes multiply. */
const MAX_TEXT_LENGTH = 64 * 1024 * 1024;

const marks: ReadonlyMap<string, Mark> = new Map(
  (['{', '}', '[', ']', ',', ':'] as const).map((mark) => [mark, mark]),
);
const include = /<\?[ \t\r\n]*include[ \t\r\n]*"([^"\n]+)"[ \t\r\n]*\?>/y;
/** As Kea up to 3.0 takes numbers: with a plus sign, leading zeros, or nothing on one side of the point. */
const number = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const integer = /^-?\d+$/;
const word = /true|false|null/y;
const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** The tokens of a configuration and of the files that it includes, as Kea's lexer (dhcp6_lexer.ll) sees them. */
export class TokenStream {
  /** The file that is being read, under those that include it. */
  private readonly sources: Source[] = [];
  private length = 0;

  constructor(
    file: string,
    private readonly read: FileReader,
  ) {
    this.push(file, { file, line: 1, column: 1 });
  }

  next(): Token {
    for (;;) {
      const source = this.sources.at(-1);
      if (source === undefined) {
        throw new Error('a token after the end');
      }
      source.skip();
      const position = source.position();
      const token = source.isAtEnd() ? this.end(position) : this.token(source, position);
      if (token !== undefined) {
        return token;
      }
    }
  }

  /** Undefined where the stream goes on in another file. */
  private token(source: Source, position: FilePosition): Token | undefined {
    const first = source.peek();
    const mark = marks.get(first);
    if (mark !== undefined) {
      source.advance(1);
      return { kind: 'mark', text: mark, position };
    }
    if (first === '"') {
      return { kind: 'value', value: readString(source), position };
    }
    if (first === '<') {
      this.include(source, position);
      return undefined;
    }
    return { kind: 'value', value: readScalar(source, position), position };
  }

  private end(position: FilePosition): Token | undefined {
    if (this.sources.length === 1) {
      return { kind: 'end', position };
    }
    this.sources.pop();
    return undefined;
  }

  private include(source: Source, position: FilePosition): void {
    const file = source.take(include)?.[1];
    if (file === undefined) {
      throw new KeaConfigError('syntax', position, 'an include must have the form <?include "FILE"?>');
    }
    if (this.sources.some((open) => open.file === file)) {
      throw new KeaConfigError('include', position, `${file} includes itself`);
    }
    if (this.sources.length - 1 > MAX_INCLUDE_DEPTH) {
      throw new KeaConfigError(
        'include',
        position,
        `more than ${MAX_INCLUDE_DEPTH + 1} files, each included by the other`,
      );
    }
    this.push(file, position);
  }

  private push(file: string, position: FilePosition): void {
    const text = this.textOf(file, position);
    this.length += text.length;
    if (this.length > MAX_TEXT_LENGTH) {
      throw new KeaConfigError('include', position, 'the files are more than 64 MiB together');
    }
    this.sources.push(new Source(file, text));
  }

  private textOf(file: string, position: FilePosition): string {
    try {
      return this.read(file);
    } catch (error) {
      throw new KeaConfigError('unreadable', position, `${file} cannot be read: ${errorText(error)}`, {
        cause: error,
      });
    }
  }
}

function readScalar(source: Source, position: FilePosition): Scalar {
  const found = source.take(number)?.[0];
  if (found !== undefined) {
    return numberOf(found, position);
  }
  const value = words.get(source.take(word)?.[0] ?? '');
  if (value === undefined) {
    const rest = source.rest(20).split(/[\s,:[\]{}]/)[0] ?? '';
    throw new KeaConfigError('syntax', position, `${JSON.stringify(rest)} is no value`);
  }
  return value;
}

/** Kea's integers have 64 bits, everything else is a double. */
function numberOf(text: string, position: FilePosition): number | bigint {
  const value = Number(text);
  if (!integer.test(text)) {
    if (Number.isFinite(value)) {
      return value;
    }
  } else if (Number.isSafeInteger(value)) {
    return value === 0 ? 0 : value;
  } else {
    const exact = BigInt(text);
    if (exact === BigInt.asIntN(64, exact)) {
      return exact;
    }
  }
  throw new KeaConfigError('syntax', position, `${text.slice(0, 40)} is beyond Kea's numbers`);
}
