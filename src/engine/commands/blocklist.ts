// SPDX-License-Identifier: MPL-2.0

import { formatIpv6 } from '../../dhcpv6';
import type { BlockedSource } from '../admission/blocklist';
import { briefText } from '../packet/brief-text';
import { CommandArguments } from './arguments';
import type { CommandHandler } from './command';
import { answerPage, pageArguments, readPage } from './paging';
import { timeText } from './texts';

const sourceRight = 'a source as encryption-blocklist-list shows it';

/** The peer-address in a name of admission.ts: before the datagram's address and the cookie, where the name has them. */
const peerAddress = / ([0-9a-f]{32})(?: via [0-9a-f]{32})?(?: cookies| cookie [0-9a-f]+)?$/;

function describe({ source, until, times }: BlockedSource): object {
  const address = peerAddress.exec(source)?.[1];
  return {
    source,
    ...(address !== undefined && { address: formatIpv6(Buffer.from(address, 'hex')) }),
    until: timeText(until),
    times,
  };
}

/** `encryption-blocklist-list`: a page of the sources that are ignored (docs/protocol.md 7), of all workers. */
export const encryptionBlocklistList: CommandHandler = async ({ ask }, json) => {
  const parameters = new CommandArguments(json, pageArguments);
  const page = readPage(parameters);
  const after = page.isFirst ? undefined : parameters.text('from', `"start" or ${sourceRight}`);
  const answers = await ask({ topic: 'blocked', after, limit: page.limit + 1 });
  // Workers tell each other of failures: each knows them all, if one a moment later.
  const bySource = new Map(answers.flatMap((answer) => answer.sources.map((one) => [one.source, one])));
  const sources = [...bySource.values()]
    .sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))
    .slice(0, page.limit + 1);
  return answerPage('sources', sources.map(describe), page);
};

/** `encryption-blocklist-clear`: lets one source, or all, try again at once, and forgets their failures. */
export const encryptionBlocklistClear: CommandHandler = async ({ ask }, json) => {
  const parameters = new CommandArguments(json, ['source']);
  const source = parameters.has('source') ? parameters.text('source', sourceRight) : undefined;
  const answers = await ask({ topic: 'unblock', source });
  const count = Math.max(...answers.map((answer) => answer.blocked));
  return count > 0
    ? { result: 0, text: `${count} sources are no longer blocked`, arguments: { count } }
    : {
        result: 3,
        text: source === undefined ? 'no source is blocked' : `${briefText(source)} is not blocked`,
      };
};
