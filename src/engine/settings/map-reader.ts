// SPDX-License-Identifier: MPL-2.0

import { isAbsolute } from 'node:path';
import type { SettingPath } from './path';
import type { ProblemList } from './problem-list';
import { suggestName } from './suggestion';

export interface NumberRule {
  readonly minimum: number;
  readonly maximum: number;
  readonly integer?: boolean;
  /** The minimum itself is too small. */
  readonly above?: boolean;
  /** What is counted, in the plural: "seconds". */
  readonly unit?: string;
}

export type JsonMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the members of one map of settings. A wrong one is noted in the list of problems and its default, or
 * something of its type, is returned in its place: what is read is used only where the list stays empty.
 */
export class MapReader {
  private readonly map: JsonMap;

  /** @param known every name that the map may have */
  constructor(
    value: unknown,
    readonly path: SettingPath,
    known: readonly string[],
    private readonly problems: ProblemList,
  ) {
    if (!isMap(value)) {
      problems.refuse('bad-type', path, value, 'a map');
    }
    this.map = isMap(value) ? value : {};
    for (const name of Object.keys(this.map)) {
      if (!known.includes(name)) {
        this.unknown(name, known);
      }
    }
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  value(name: string): unknown {
    return Object.hasOwn(this.map, name) ? this.map[name] : undefined;
  }

  at(name: string): SettingPath {
    return [...this.path, name];
  }

  /** Notes a required member that is not there. @param right what to set it to */
  require(name: string, right: string): void {
    if (!this.has(name)) {
      this.problems.add('missing', this.at(name), `is missing and has no default: it must be ${right}`);
    }
  }

  /** A map within this one; an empty one where it is not there. */
  section(name: string, known: readonly string[]): MapReader {
    return new MapReader(this.has(name) ? this.value(name) : {}, this.at(name), known, this.problems);
  }

  choice<Value extends string>(name: string, values: readonly Value[], otherwise: Value): Value {
    const value = this.value(name);
    if (value === undefined) {
      return otherwise;
    }
    const chosen = values.find((candidate) => candidate === value);
    if (chosen === undefined) {
      const right = alternatives(values);
      this.problems.refuse(
        typeof value === 'string' ? 'out-of-range' : 'bad-type',
        this.at(name),
        value,
        right,
      );
    }
    return chosen ?? otherwise;
  }

  /** A list of some of the values, each once, in the order of the list. */
  choices<Value extends string>(
    name: string,
    values: readonly Value[],
    otherwise: readonly Value[],
  ): readonly Value[] {
    if (!this.has(name)) {
      return otherwise;
    }
    const given = this.list(name);
    const chosen = values.length === 0 ? [] : given.flatMap((value) => values.filter((one) => one === value));
    if (chosen.length !== given.length || new Set(chosen).size !== chosen.length || chosen.length === 0) {
      this.problems.refuse(
        'out-of-range',
        this.at(name),
        this.value(name),
        `a list of ${alternatives(values)}`,
      );
      return otherwise;
    }
    return chosen;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') {
      return value ?? otherwise;
    }
    this.problems.refuse('bad-type', this.at(name), value, 'true or false');
    return otherwise;
  }

  number(name: string, rule: NumberRule, otherwise: number): number {
    const value = this.value(name);
    if (value === undefined) {
      return otherwise;
    }
    const numeric = typeof value === 'number' || typeof value === 'bigint';
    if (typeof value === 'number' && allows(rule, value)) {
      return value;
    }
    this.problems.refuse(numeric ? 'out-of-range' : 'bad-type', this.at(name), value, ruleText(rule));
    return otherwise;
  }

  /** A string that is not empty. */
  text(name: string, otherwise: string, right = 'a string that is not empty'): string {
    const value = this.value(name);
    return value === undefined ? otherwise : this.textOf(value, this.at(name), right);
  }

  /** The absolute path of a file or directory. */
  file(name: string, otherwise: string): string {
    const value = this.value(name);
    return value === undefined ? otherwise : this.fileOf(value, this.at(name));
  }

  /** A list of paths. */
  files(name: string): readonly string[] {
    return this.list(name).map((value, at) => this.fileOf(value, [...this.at(name), at]));
  }

  /** A program by its absolute path, and its arguments. */
  command(name: string): readonly string[] {
    const words = this.list(name);
    if (words.length === 0) {
      this.problems.refuse('out-of-range', this.at(name), this.value(name), 'a list with a program');
    }
    return words.map((word, at) =>
      at === 0
        ? this.fileOf(word, [...this.at(name), at])
        : this.textOf(word, [...this.at(name), at], 'an argument'),
    );
  }

  /** A list of maps, each with its reader. */
  maps(name: string, known: readonly string[]): readonly MapReader[] {
    return this.list(name).map(
      (value, at) => new MapReader(value, [...this.at(name), at], known, this.problems),
    );
  }

  private list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (value === undefined) {
      return [];
    }
    if (!Array.isArray(value)) {
      this.problems.refuse('bad-type', this.at(name), value, 'a list');
      return [];
    }
    return value;
  }

  private textOf(value: unknown, path: SettingPath, right: string): string {
    if (typeof value !== 'string' || value === '' || value.includes('\0')) {
      this.problems.refuse(typeof value === 'string' ? 'not-allowed' : 'bad-type', path, value, right);
      return '';
    }
    return value;
  }

  /** Kea, the engine and the command each have a working directory of their own. */
  private fileOf(value: unknown, path: SettingPath): string {
    const right = 'an absolute path';
    const text = this.textOf(value, path, right);
    if (text !== '' && !isAbsolute(text)) {
      this.problems.refuse('not-allowed', path, value, right);
    }
    return text;
  }

  private unknown(name: string, known: readonly string[]): void {
    const suggestion = suggestName(name, known);
    const right =
      suggestion === undefined ? `known here are ${known.join(', ')}` : `did you mean "${suggestion}"?`;
    this.problems.add('unknown-name', this.at(name), `is not a known setting: ${right}`);
  }
}

function allows(rule: NumberRule, value: number): boolean {
  return (
    (rule.above === true ? value > rule.minimum : value >= rule.minimum) &&
    value <= rule.maximum &&
    (rule.integer !== true || Number.isInteger(value))
  );
}

function ruleText(rule: NumberRule): string {
  const kind = rule.integer === true ? 'an integer' : 'a number';
  const of =
    rule.unit === undefined ? kind : `${rule.integer === true ? 'a whole number' : kind} of ${rule.unit}`;
  return rule.above === true
    ? `${of} greater than ${rule.minimum} and at most ${rule.maximum}`
    : `${of} from ${rule.minimum} to ${rule.maximum}`;
}

function alternatives(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return [quoted.slice(0, -1).join(', '), quoted.at(-1)].join(' or ');
}
