// SPDX-License-Identifier: MPL-2.0

import { pathText, type SettingPath } from './path';

export type SettingsProblemCode =
  | 'unknown-name'
  | 'missing'
  | 'bad-type'
  | 'out-of-range'
  | 'not-allowed'
  | 'duplicate'
  | 'conflict'
  | 'bad-file';

/** What is wrong with one setting. */
export interface SettingsProblem {
  readonly code: SettingsProblemCode;
  readonly path: SettingPath;
  /** The value, and what would be right. */
  readonly text: string;
}

/** A setting is wrong: `parameters.timestamp.delta: -3 is not a number of seconds greater than 0`. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code: SettingsProblemCode;
  readonly path: SettingPath;

  constructor(problem: SettingsProblem, options?: ErrorOptions) {
    super(problemText(problem), options);
    this.code = problem.code;
    this.path = problem.path;
  }
}

/** @throws SettingsError for the first one, if there is any */
export function refuseFirst(problems: readonly SettingsProblem[]): void {
  const [first] = problems;
  if (first !== undefined) {
    throw new SettingsError(first);
  }
}

export function problemText(problem: SettingsProblem): string {
  return `${pathText(problem.path)}: ${problem.text}`;
}
