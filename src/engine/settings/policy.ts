// SPDX-License-Identifier: MPL-2.0

import { isDeepStrictEqual } from 'node:util';
import type { SettingsProblem } from './errors';
import { isMap, type JsonMap } from './map-reader';
import { parameterNames } from './parse';
import { pathText, type SettingPath } from './path';

/** The settings that an engine serves by. No connection changes them. */
export interface Policy {
  /** Where they stand, for the problems' paths: a file's name, or `parameters` for those of the hook that has started it. */
  readonly path: SettingPath;
  /** The parameters as JSON values. */
  readonly parameters: unknown;
}

/** What the hook acts on, and so may be said by Kea's configuration alone. Everything else is the engine's own. */
const keaParameters = [
  'solution',
  'mode',
  'host-identifier',
  'engine',
  'message-types',
  'option-codes',
  'status-codes',
];

/** Parameters that name private keys, or who signs with them. */
export const secretParameters = ['private-key', 'private-key-command', 'previous-keys'];

export interface CombinedParameters {
  /** The policy's parameters, and what of Kea's it leaves open. */
  readonly parameters: unknown;
  readonly problems: readonly SettingsProblem[];
}

/**
 * Puts Kea's parameters beside the engine's. What both name has to be equal; what is the engine's own has to be named by
 * its policy, if at all.
 * @param kea the hook's parameters as JSON values
 * @param path where those stand
 */
export function combineParameters(
  policy: Policy,
  kea: unknown,
  path: SettingPath = ['parameters'],
): CombinedParameters {
  const combination = new Combination(policy.path, path);
  const parameters = isMap(kea) && isMap(policy.parameters) ? combination.of(policy.parameters, kea) : kea;
  return { parameters, problems: combination.problems };
}

class Combination {
  readonly problems: SettingsProblem[] = [];

  constructor(
    private readonly ownPath: SettingPath,
    private readonly keaPath: SettingPath,
  ) {}

  of(own: JsonMap, kea: JsonMap): JsonMap {
    return this.map([], own, kea, (name) => keaParameters.includes(name));
  }

  private map(at: SettingPath, own: JsonMap, kea: JsonMap, isOfKea: (name: string) => boolean): JsonMap {
    const all = new Map(Object.entries(own));
    for (const [name, value] of Object.entries(kea)) {
      all.set(name, this.value([...at, name], all.get(name), value, isOfKea(name)));
    }
    return Object.fromEntries(all);
  }

  private value(at: SettingPath, own: unknown, kea: unknown, isOfKea: boolean): unknown {
    if (isMap(own) && isMap(kea)) {
      return this.map(at, own, kea, () => isOfKea);
    }
    if (own === undefined) {
      if (!isOfKea && parameterNames.includes(String(at[0]))) {
        this.refuse(
          at,
          `is the engine's own setting: name it in ${pathText(this.ownPath)}, not in kea-dhcp6.conf`,
        );
      }
      return kea;
    }
    if (!isDeepStrictEqual(own, kea)) {
      const other = pathText([...this.ownPath, ...at]);
      this.refuse(at, `differs from ${other}: make them equal, or leave it out of kea-dhcp6.conf`);
    }
    return own;
  }

  private refuse(at: SettingPath, text: string): void {
    this.problems.push({ code: 'conflict', path: [...this.keaPath, ...at], text });
  }
}
