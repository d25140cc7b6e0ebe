// SPDX-License-Identifier: MPL-2.0

import { valueText } from './printable';

/** 9999-12-31T23:59:59.999Z in milliseconds since 1970: what is added to it is still a date. */
const MAX_MOMENT = 253_402_300_799_999;
const MAX_UINT32 = 0xffff_ffff;

/**
 * A value of a JSON file that may have been edited, and its path in the file. Each member is read as the type that it must
 * have; if it has another, the error names the member, its value and the type.
 */
export class JsonReader {
  /**
   * @param fail makes the error, which is to name the file
   * @param path of the value, such as `addresses[0].iaid`; empty for all of the file
   */
  constructor(
    private readonly value: unknown,
    private readonly fail: (text: string) => Error,
    private readonly path = '',
  ) {}

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  /** The member of a map; perhaps an absent one. @throws Error of `fail` if the value is no map */
  member(name: string): JsonReader {
    return new JsonReader(this.map().get(name), this.fail, this.path === '' ? name : `${this.path}.${name}`);
  }

  /** All members of a map. @throws Error of `fail` if the value is no map */
  members(): [string, JsonReader][] {
    return [...this.map().keys()].map((name) => [name, this.member(name)]);
  }

  /** @throws Error of `fail` if the value is no list */
  items(): JsonReader[] {
    if (!Array.isArray(this.value)) {
      throw this.wrong('a list');
    }
    return this.value.map((item: unknown, at) => new JsonReader(item, this.fail, `${this.path}[${at}]`));
  }

  /**
   * @param wanted says what the check accepts
   * @throws Error of `fail`
   */
  text(wanted = 'a text', isRight: (text: string) => boolean = () => true): string {
    if (typeof this.value !== 'string' || !isRight(this.value)) {
      throw this.wrong(wanted);
    }
    return this.value;
  }

  /** Octets in lower-case hexadecimal. @throws Error of `fail` */
  hex(): string {
    return this.text('octets in hexadecimal', (text) => /^(?:[0-9a-f]{2})*$/.test(text));
  }

  /** @throws Error of `fail` */
  oneOf<Value extends string>(values: readonly Value[]): Value {
    const found = values.find((value) => value === this.value);
    if (found === undefined) {
      throw this.wrong(`one of ${values.join(', ')}`);
    }
    return found;
  }

  /** @throws Error of `fail` */
  flag(): boolean {
    if (typeof this.value !== 'boolean') {
      throw this.wrong('true or false');
    }
    return this.value;
  }

  /** A whole number. @throws Error of `fail` */
  integer(smallest: number, largest: number): number {
    if (!Number.isInteger(this.value)) {
      throw this.wrong(`a whole number of ${smallest} to ${largest}`);
    }
    return this.number(smallest, largest, 'a whole number');
  }

  /** @throws Error of `fail` */
  uint32(): number {
    return this.integer(0, MAX_UINT32);
  }

  /** Seconds as on the wire, perhaps with a fraction. @throws Error of `fail` */
  seconds(): number {
    return this.number(0, MAX_UINT32, 'a number of seconds');
  }

  /** Milliseconds since 1970. @throws Error of `fail` */
  moment(): number {
    return this.number(0, MAX_MOMENT, 'milliseconds since 1970');
  }

  private number(smallest: number, largest: number, wanted: string): number {
    if (typeof this.value !== 'number' || !(this.value >= smallest && this.value <= largest)) {
      throw this.wrong(`${wanted} of ${smallest} to ${largest}`);
    }
    return this.value;
  }

  private map(): ReadonlyMap<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw this.wrong('a map');
    }
    return new Map<string, unknown>(Object.entries(this.value));
  }

  private wrong(wanted: string): Error {
    const subject = this.path === '' ? 'all of it' : this.path;
    return this.fail(`${subject} is ${valueText(this.value)}: ${wanted} is expected`);
  }
}
