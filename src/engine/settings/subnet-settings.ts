// SPDX-License-Identifier: MPL-2.0

import type { HostIdentifierKind } from '../clients/host-identifier';
import type { SettingsProblem } from './errors';
import { isMap, MapReader } from './map-reader';
import { modes } from './mode';
import type { SettingPath } from './path';
import { ProblemList } from './problem-list';
import { suggestName } from './suggestion';

/** The member of a user-context that is the hook's. */
const ownMember = 'encryption';

/** Edits that make a name a misspelling of it. "description", which others may use, is three away. */
const misspeltBy = 2;

/**
 * What is wrong in the user-context of a subnet or a shared network: a mode that is none, a name that is not known, or
 * one that was probably meant to be the hook's. Other members are others'.
 * @param context undefined where there is none
 * @param path where it stands
 */
export function userContextProblems(context: unknown, path: SettingPath): readonly SettingsProblem[] {
  const problems = new ProblemList();
  if (!isMap(context)) {
    return [];
  }
  for (const name of Object.keys(context)) {
    if (name === ownMember) {
      const reader = new MapReader(context[name], [...path, name], ['mode'], problems);
      reader.choice('mode', modes, 'authenticated');
    } else if (suggestName(name, [ownMember], misspeltBy) !== undefined) {
      problems.add('unknown-name', [...path, name], `is not a known setting: did you mean "${ownMember}"?`);
    }
  }
  return problems.problems;
}

/**
 * Kea asks for a host identifier only where it looks reservations up by it.
 * @param kind what "host-identifier" is set to
 * @param hasFlexId whether "flex-id" is among Kea's host-reservation-identifiers
 * @param path of the hook's parameters
 */
export function flexIdProblems(
  kind: HostIdentifierKind,
  hasFlexId: boolean,
  path: SettingPath = ['parameters'],
): readonly SettingsProblem[] {
  const text =
    'is set, but "flex-id" is not among Dhcp6.host-reservation-identifiers: it must be, or Kea finds no reservation by it';
  return kind === 'none' || hasFlexId ? [] : [{ code: 'conflict', path: [...path, 'host-identifier'], text }];
}
