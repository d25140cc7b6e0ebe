// SPDX-License-Identifier: MPL-2.0

import { SettingsError } from './errors';
import { MapReader } from './map-reader';
import { type Mode, modes } from './mode';
import { ProblemList } from './problem-list';

/**
 * The modes of subnets that name one, as the hook hands them over: `[{"id": 1, "mode": "encrypted"}]`.
 * @throws SettingsError for the first wrong one
 */
export function parseSubnetModes(json: unknown): ReadonlyMap<number, Mode> {
  const problems = new ProblemList();
  const path = ['subnets'];
  const found = new Map<number, Mode>();
  if (!Array.isArray(json)) {
    problems.refuse('bad-type', path, json, 'a list');
  }
  const entries: readonly unknown[] = Array.isArray(json) ? json : [];
  for (const [at, entry] of entries.entries()) {
    const map = new MapReader(entry, [...path, at], ['id', 'mode'], problems);
    map.require('id', 'a subnet-id');
    map.require('mode', 'a mode');
    const id = map.number('id', { minimum: 0, maximum: 0xffff_ffff, integer: true }, 0);
    const named = new MapReader(
      { mode: map.value('mode') },
      [`subnet ${id}`, 'user-context', 'encryption'],
      ['mode'],
      problems,
    );
    found.set(id, named.choice('mode', modes, 'authenticated'));
  }
  const [first] = problems.problems;
  if (first !== undefined) {
    throw new SettingsError(first);
  }
  return found;
}
