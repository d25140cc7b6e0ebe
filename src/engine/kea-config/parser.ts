// SPDX-License-Identifier: MPL-2.0

import { pathText, type SettingPath, valueText } from '../settings';
import { type FilePosition, KeaConfigError } from './errors';
import { type FileReader, type Mark, type Token, TokenStream } from './tokens';

/** A parsed configuration, and where each of its values stands. */
export class KeaConfig {
  constructor(
    readonly value: unknown,
    private readonly positions: ReadonlyMap<string, FilePosition>,
    private readonly start: FilePosition,
  ) {}

  /** Of the value at a path or, where there is none, of the nearest map or list around the place. */
  positionOf(path: SettingPath): FilePosition {
    for (let length = path.length; length > 0; length -= 1) {
      const position = this.positions.get(pathText(path.slice(0, length)));
      if (position !== undefined) {
        return position;
      }
    }
    return this.start;
  }
}

/** Deeper than any configuration, and far from the end of the stack. */
const MAX_DEPTH = 100;

/**
 * Parses Kea's dialect of JSON: comments, includes, and more commas behind an element than one or none before
 * the end, all as Kea 2.2 to 3.0 takes them.
 *
 * @param read gives a file's text; names of included files are as they stand in the file
 * @throws KeaConfigError
 */
export function parseKeaConfig(file: string, read: FileReader): KeaConfig {
  return new Parser(new TokenStream(file, read)).parse();
}

class Parser {
  private readonly positions = new Map<string, FilePosition>();
  private token: Token;

  constructor(private readonly tokens: TokenStream) {
    this.token = tokens.next();
  }

  parse(): KeaConfig {
    const start = this.token.position;
    const value = this.value([]);
    if (this.token.kind !== 'end') {
      throw this.unexpected('the end of the file');
    }
    return new KeaConfig(value, this.positions, start);
  }

  private value(path: SettingPath): unknown {
    const { token } = this;
    if (path.length > MAX_DEPTH) {
      throw new KeaConfigError('nesting', token.position, `more than ${MAX_DEPTH} levels of maps and lists`);
    }
    this.positions.set(pathText(path), token.position);
    if (token.kind === 'value') {
      this.advance();
      return token.value;
    }
    if (this.isMark('{')) {
      return this.map(path);
    }
    if (this.isMark('[')) {
      return this.list(path);
    }
    throw this.unexpected('a value');
  }

  private map(path: SettingPath): unknown {
    const entries = new Map<string, unknown>();
    this.elements('}', () => {
      const { token } = this;
      if (token.kind !== 'value' || typeof token.value !== 'string') {
        throw this.unexpected('a name in quotation marks');
      }
      if (entries.has(token.value)) {
        throw new KeaConfigError(
          'syntax',
          token.position,
          `${JSON.stringify(token.value)} stands here twice`,
        );
      }
      this.advance();
      this.expect(':');
      entries.set(token.value, this.value([...path, token.value]));
    });
    return Object.fromEntries(entries);
  }

  private list(path: SettingPath): unknown {
    const items: unknown[] = [];
    this.elements(']', () => {
      items.push(this.value([...path, items.length]));
    });
    return items;
  }

  /** From the opening mark to the closing one. Kea warns of a comma too many, but not before the first element. */
  private elements(end: Mark, element: () => void): void {
    this.advance();
    while (!this.isMark(end)) {
      element();
      if (!this.isMark(',') && !this.isMark(end)) {
        throw this.unexpected(`, or ${end}`);
      }
      while (this.isMark(',')) {
        this.advance();
      }
    }
    this.advance();
  }

  private expect(mark: Mark): void {
    if (!this.isMark(mark)) {
      throw this.unexpected(mark);
    }
    this.advance();
  }

  private isMark(mark: Mark): boolean {
    return this.token.kind === 'mark' && this.token.text === mark;
  }

  private advance(): void {
    this.token = this.tokens.next();
  }

  private unexpected(wanted: string): KeaConfigError {
    const { token } = this;
    const found = token.kind === 'end' ? 'the file ends' : textOf(token);
    return new KeaConfigError('syntax', token.position, `${found} where ${wanted} is expected`);
  }
}

function textOf(token: Exclude<Token, { kind: 'end' }>): string {
  return token.kind === 'mark' ? token.text : valueText(token.value);
}
