// SPDX-License-Identifier: MPL-2.0

import { unixMillisecondsFromNtp } from '../../crypto';
import type { KeyTableEntry } from '../key-table';
import { CommandArguments } from './arguments';
import type { CommandAnswer, CommandContext, CommandHandler } from './command';
import { answerPage, pageArguments, readPage } from './paging';
import { keyRight, timeText } from './texts';

const keyLength = 32;

function keyOf(parameters: CommandArguments, name: string): Buffer {
  return parameters.octets(name, keyLength, keyLength, keyRight);
}

function describe({ identity, last, lastUsed }: KeyTableEntry): object {
  return {
    key: identity.keyId.toString('hex'),
    credential: identity.kind,
    name: identity.text,
    ...(identity.notAfter !== undefined && { 'not-after': timeText(identity.notAfter) }),
    'last-used': timeText(lastUsed),
    ...(last !== undefined && { 'last-timestamp': timeText(unixMillisecondsFromNtp(last.timestamp)) }),
  };
}

/** `encryption-key-list`: a page of the key table, in the order of the key identifiers. */
export const encryptionKeyList: CommandHandler = ({ table }, json) => {
  const parameters = new CommandArguments(json, pageArguments);
  const page = readPage(parameters);
  const after = page.isFirst ? undefined : keyOf(parameters, 'from');
  return answerPage(
    'keys',
    table()
      .list(page.limit + 1, after)
      .map(describe),
    page,
  );
};

function notFound(key: Buffer): CommandAnswer {
  return { result: 3, text: `the key ${key.toString('hex')} is not in the key table` };
}

/** `encryption-key-get`: one record of the key table. */
export const encryptionKeyGet: CommandHandler = ({ table }, json) => {
  const key = keyOf(new CommandArguments(json, ['key']), 'key');
  const entry = table().entry(key);
  return entry === undefined
    ? notFound(key)
    : { result: 0, text: 'key found', arguments: { key: describe(entry) } };
};

/** `encryption-key-del`: forgets a key and its open contexts; the client has to authenticate again. */
export const encryptionKeyDel: CommandHandler = async (context: CommandContext, json) => {
  const key = keyOf(new CommandArguments(json, ['key']), 'key');
  const table = context.table();
  const wasThere = table.delete(key);
  const answers = await context.ask({ topic: 'forget', keyId: key });
  // Until its contexts were closed, a query of the client could bring the record back.
  table.delete(key);
  const contexts = answers.reduce((sum, answer) => sum + answer.contexts, 0);
  return wasThere || contexts > 0
    ? { result: 0, text: 'key deleted', arguments: { 'closed-contexts': contexts } }
    : notFound(key);
};
