// SPDX-License-Identifier: MPL-2.0

import { type FilePosition, KeaConfigError } from './errors';

export type Token =
  | { readonly kind: 'punctuation'; readonly text: string; readonly position: FilePosition }
  | {
      readonly kind: 'value';
      readonly value: string | number | boolean | null;
      readonly position: FilePosition;
    }
  | { readonly kind: 'end'; readonly position: FilePosition };

/** Gives the text of an included file. Throws an Error that says why it cannot. */
export type FileReader = (file: string) => string;

/** Kea's own bound (MAX_INCLUDE_DEPTH in its lexer). */
const deepestInclude = 10;

/** Comments of Kea's three kinds, and white space. */
const skipped = /(?:[ \t\r\n]+|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const include = /<\?include[ \t]+"([^"\n]+)"[ \t]*\?>/y;
const punctuation = /[{}[\],:]/y;
const text = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const word = /(?:true|false|null)\b/y;

class Source {
  at = 0;
  private line = 1;
  private lineStart = 0;
  private counted = 0;

  constructor(
    readonly file: string,
    readonly content: string,
  ) {}

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.content);
    if (found === null) {
      return undefined;
    }
    this.at += found[0].length;
    return found;
  }

  position(): FilePosition {
    for (; this.counted < this.at; this.counted += 1) {
      if (this.content[this.counted] === '\n') {
        this.line += 1;
        this.lineStart = this.counted + 1;
      }
    }
    return { file: this.file, line: this.line, column: this.at - this.lineStart + 1 };
  }
}

/** The tokens of a configuration file and of those that it includes, as Kea's lexer (dhcp6_lexer.ll) sees them. */
export class TokenStream {
  private readonly sources: Source[];

  constructor(
    file: string,
    private readonly read: FileReader,
  ) {
    this.sources = [new Source(file, this.contentOf(file, { file, line: 1, column: 1 }))];
  }

  next(): Token {
    for (;;) {
      const [source] = this.sources.slice(-1);
      if (source === undefined) {
        throw new Error('a token after the end');
      }
      source.take(skipped);
      const position = source.position();
      const token = source.at < source.content.length ? this.token(source, position) : this.end(position);
      if (token !== undefined) {
        return token;
      }
    }
  }

  /** Undefined where the stream goes on in another file. */
  private token(source: Source, position: FilePosition): Token | undefined {
    const included = source.take(include)?.[1];
    if (included !== undefined) {
      this.open(included, position);
      return undefined;
    }
    const mark = source.take(punctuation);
    if (mark !== undefined) {
      return { kind: 'punctuation', text: mark[0], position };
    }
    const scalar = source.take(text) ?? source.take(number) ?? source.take(word);
    if (scalar !== undefined) {
      return { kind: 'value', value: scalarOf(scalar[0], position), position };
    }
    const [wrong = ''] = /[^\s]{1,20}/y.exec(source.content.slice(source.at)) ?? [];
    throw new KeaConfigError('syntax', position, `${JSON.stringify(wrong)} is no JSON`);
  }

  private end(position: FilePosition): Token | undefined {
    if (this.sources.length === 1) {
      return { kind: 'end', position };
    }
    this.sources.pop();
    return undefined;
  }

  private open(file: string, position: FilePosition): void {
    if (this.sources.some((source) => source.file === file)) {
      throw new KeaConfigError('include', position, `${file} includes itself`);
    }
    if (this.sources.length > deepestInclude) {
      throw new KeaConfigError('include', position, `more than ${deepestInclude} files include each other`);
    }
    this.sources.push(new Source(file, this.contentOf(file, position)));
  }

  private contentOf(file: string, position: FilePosition): string {
    try {
      return this.read(file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new KeaConfigError('unreadable', position, `${file} cannot be read: ${reason}`, { cause: error });
    }
  }
}

function scalarOf(source: string, position: FilePosition): string | number | boolean | null {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new KeaConfigError('syntax', position, `${source} is no JSON`, { cause: error });
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return null;
}
