// SPDX-License-Identifier: MPL-2.0

import type { CommandArguments } from './arguments';
import type { CommandAnswer } from './command';

export const pageArguments = ['from', 'limit'];

const MAX_PAGE = 1000;
const defaultPage = 100;

/** Octets of JSON: an ANSWER is one frame of at most 66560, and something is around the list. */
const MAX_PAGE_OCTETS = 60_000;

export interface Page {
  readonly limit: number;
  /** The argument `from`, unless the page is the first one. */
  readonly isFirst: boolean;
}

/**
 * As with Kea's lease6-get-page, "from" is "start", or what the page before ended with.
 * @throws Error that names the argument
 */
export function readPage(parameters: CommandArguments): Page {
  const isFirst = !parameters.has('from') || parameters.text('from', '"start"') === 'start';
  return { limit: parameters.integer('limit', 1, MAX_PAGE, defaultPage), isFirst };
}

/**
 * The answer with as many of the entries as fit.
 * @param name of the list, in the answer and (as words) in its text
 * @param entries at most one more than the page's limit, which tells that there are more
 */
export function answerPage(name: string, entries: readonly object[], { limit }: Page): CommandAnswer {
  if (entries.length === 0) {
    return { result: 3, text: `0 ${name} found`, arguments: { [name]: [], count: 0, more: false } };
  }
  let room = MAX_PAGE_OCTETS;
  const shown: object[] = [];
  for (const entry of entries.slice(0, limit)) {
    room -= Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (room < 0) {
      break;
    }
    shown.push(entry);
  }
  const count = shown.length;
  return {
    result: 0,
    text: `${count} ${name} found`,
    arguments: { [name]: shown, count, more: count < entries.length },
  };
}
