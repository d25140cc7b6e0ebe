// SPDX-License-Identifier: MPL-2.0

import { type FilePosition, KeaConfigError } from './errors';

const blanks = /[ \t\r\n]*/y;

/** One file's text, and how far it was read. */
export class Source {
  private at = 0;
  /** The line that `counted` stands in. */
  private line = 1;
  private lineStart = 0;
  private counted = 0;

  constructor(
    readonly file: string,
    private readonly text: string,
  ) {}

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; empty at the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  /** At most so many of the next characters. */
  rest(length: number): string {
    return this.text.slice(this.at, this.at + length);
  }

  advance(length: number): void {
    this.at += length;
  }

  /** Takes what a sticky pattern matches here. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found ?? undefined;
  }

  /** White space, and comments of Kea's three kinds. */
  skip(): void {
    for (;;) {
      this.take(blanks);
      const two = this.rest(2);
      if (two.startsWith('#') || two === '//') {
        this.skipTo('\n');
      } else if (two === '/*') {
        this.skipComment();
      } else {
        return;
      }
    }
  }

  position(): FilePosition {
    for (; this.counted < this.at; this.counted += 1) {
      if (this.text[this.counted] === '\n') {
        this.line += 1;
        this.lineStart = this.counted + 1;
      }
    }
    return { file: this.file, line: this.line, column: this.at - this.lineStart + 1 };
  }

  private skipComment(): void {
    const position = this.position();
    this.advance(2);
    if (!this.skipTo('*/')) {
      throw new KeaConfigError('syntax', position, 'a comment that does not end');
    }
    this.advance(2);
  }

  /** @returns whether it is there; the end of the text otherwise */
  private skipTo(end: string): boolean {
    const found = this.text.indexOf(end, this.at);
    this.at = found < 0 ? this.text.length : found;
    return found >= 0;
  }
}
