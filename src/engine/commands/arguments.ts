// SPDX-License-Identifier: MPL-2.0

import { briefText } from '../packet/brief-text';

type JsonMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(name: string, value: unknown, right: string): never {
  throw new Error(`"${name}" is ${valueText(value)}: it must be ${right}`);
}

function valueText(value: unknown): string {
  return briefText(JSON.stringify(value));
}

/** The arguments of one command, checked strictly: every error names the argument and what would be right. */
export class CommandArguments {
  private readonly map: JsonMap;

  /**
   * @param value the command's `arguments`; undefined where it has none
   * @param known the names that it may have
   * @throws Error for a value that is no map, or has another name
   */
  constructor(value: unknown, known: readonly string[]) {
    if (value !== undefined && !isMap(value)) {
      throw new Error(`"arguments" is ${valueText(value)}: it must be a map`);
    }
    this.map = isMap(value) ? value : {};
    for (const name of Object.keys(this.map)) {
      if (!known.includes(name)) {
        const names = known.map((one) => `"${one}"`).join(' and ');
        throw new Error(
          `"${briefText(name)}" is not known: ${names === '' ? 'the command takes no arguments' : `the command takes ${names}`}`,
        );
      }
    }
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  /**
   * @param right what to set it to
   * @throws Error
   */
  text(name: string, right: string): string {
    const value = this.required(name, right);
    return typeof value === 'string' && value !== '' ? value : refuse(name, value, right);
  }

  /**
   * @returns the one of these that is there
   * @throws Error where there is none of them, or more than one
   */
  oneOf<Name extends string>(...names: readonly Name[]): Name {
    const given = names.filter((name) => this.has(name));
    const [only] = given;
    if (only === undefined || given.length > 1) {
      throw new Error(`exactly one of ${names.map((name) => `"${name}"`).join(', ')} must be given`);
    }
    return only;
  }

  /** @throws Error */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const right = choices.map((choice) => `"${choice}"`).join(' or ');
    const value = this.required(name, right);
    return choices.find((choice) => choice === value) ?? refuse(name, value, right);
  }

  /** @throws Error */
  requireTrue(name: string): void {
    const value = this.required(name, 'true');
    if (value !== true) {
      refuse(name, value, 'true');
    }
  }

  /** @throws Error */
  integer(name: string, minimum: number, maximum: number, otherwise: number): number {
    const value = this.has(name) ? this.value(name) : otherwise;
    return typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? value
      : refuse(name, value, `an integer from ${minimum} to ${maximum}`);
  }

  /**
   * Octets in hexadecimal, with or without colons between them.
   * @throws Error
   */
  octets(name: string, minimum: number, maximum: number, right: string): Buffer {
    const value = this.text(name, right);
    const digits = value.includes(':') ? value.replaceAll(':', '') : value;
    const isHex = /^(?:[0-9a-f]{2})(?::?[0-9a-f]{2})*$/i.test(value);
    const length = digits.length / 2;
    return isHex && length >= minimum && length <= maximum
      ? Buffer.from(digits, 'hex')
      : refuse(name, value, right);
  }

  private required(name: string, right: string): unknown {
    const value = this.value(name);
    if (value === undefined) {
      throw new Error(`"${name}" is missing: it must be ${right}`);
    }
    return value;
  }

  private value(name: string): unknown {
    return Object.hasOwn(this.map, name) ? this.map[name] : undefined;
  }
}
