// SPDX-License-Identifier: MPL-2.0

import {
  type CodePointGroup,
  codePointProblems,
  codePointRanges,
  type CodePoints,
  defaultCodePoints,
  overrideCodePoints,
} from '../../protocol';
import type { MapReader } from './map-reader';
import type { ProblemList } from './problem-list';

export const codePointSettings = {
  messageTypes: 'message-types',
  optionCodes: 'option-codes',
  statusCodes: 'status-codes',
} as const;

const nouns: Readonly<Record<CodePointGroup, string>> = {
  messageTypes: 'a message type',
  optionCodes: 'an option code',
  statusCodes: 'a status code',
};

/** Reads the overrides of docs/protocol.md 1. */
export function readCodePoints(parameters: MapReader, problems: ProblemList): CodePoints {
  const overrides = {
    messageTypes: readGroup('messageTypes', parameters, problems),
    optionCodes: readGroup('optionCodes', parameters, problems),
    statusCodes: readGroup('statusCodes', parameters, problems),
  };
  const codePoints = overrideCodePoints(overrides);
  for (const { code, group, name, value, other } of codePointProblems(codePoints)) {
    // A number out of its range was noted when it was read.
    if (code === 'duplicate' && other !== undefined) {
      const setting = Object.hasOwn(overrides[group], name) ? name : other;
      const taken = setting === name ? other : name;
      problems.add(
        'duplicate',
        [...parameters.path, codePointSettings[group], setting],
        `${value} is ${nouns[group]} that "${taken}" has already: each needs its own`,
      );
    }
  }
  return codePoints;
}

function readGroup(
  group: CodePointGroup,
  parameters: MapReader,
  problems: ProblemList,
): Partial<Record<string, number>> {
  const names = Object.keys(defaultCodePoints[group]);
  const map = parameters.section(codePointSettings[group], names);
  const { lowest, highest } = codePointRanges[group];
  const overrides: Record<string, number> = {};
  for (const name of names) {
    const value = map.value(name);
    if (value === undefined) {
      continue;
    }
    if (typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest) {
      overrides[name] = value;
    } else {
      const assigned = `numbers below ${lowest} are assigned to others`;
      problems.refuse(
        typeof value === 'number' || typeof value === 'bigint' ? 'out-of-range' : 'bad-type',
        map.at(name),
        value,
        `${nouns[group]} from ${lowest} to ${highest} (${assigned})`,
      );
    }
  }
  return overrides;
}
