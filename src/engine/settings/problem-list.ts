// SPDX-License-Identifier: MPL-2.0

import type { SettingsProblem, SettingsProblemCode } from './errors';
import type { SettingPath } from './path';
import { valueText } from '../../support';

/** Collects what is wrong, so that one run names every wrong setting. */
export class ProblemList {
  private readonly found: SettingsProblem[] = [];

  get problems(): readonly SettingsProblem[] {
    return this.found;
  }

  add(code: SettingsProblemCode, path: SettingPath, text: string): void {
    this.found.push({ code, path, text });
  }

  /** @param right what the value has to be, with its article: "a string" */
  refuse(code: SettingsProblemCode, path: SettingPath, value: unknown, right: string): void {
    this.add(code, path, `${valueText(value)} is not ${right}`);
  }
}
