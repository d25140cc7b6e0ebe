// SPDX-License-Identifier: MPL-2.0

import { setImmediate } from 'node:timers/promises';
import { MAX_DUID_LENGTH } from '../../dhcpv6';
import type { KeyTableBinding } from '../key-table';
import { CommandArguments } from './arguments';
import type { CommandAnswer, CommandContext, CommandHandler } from './command';
import { answerPage, pageArguments, readPage } from './paging';
import { duidRight, duidText, keyRight } from './texts';

/** Bindings that are ended in one transaction, which the packet path waits for. */
const MAX_BULK = 100;

function duidOf(parameters: CommandArguments, name: string): Buffer {
  return parameters.octets(name, 1, MAX_DUID_LENGTH, duidRight);
}

/** `encryption-binding-list`: a page of the DUIDs that are bound to a key, in their order (docs/protocol.md 8). */
export const encryptionBindingList: CommandHandler = ({ table }, json) => {
  const parameters = new CommandArguments(json, pageArguments);
  const page = readPage(parameters);
  const after = page.isFirst ? undefined : duidOf(parameters, 'from');
  const bindings = table().bindings(page.limit + 1, after);
  const entries = bindings.map(({ duid, identity, isDerived }) => ({
    duid: duidText(duid),
    key: identity.keyId.toString('hex'),
    name: identity.text,
    derived: isDerived,
  }));
  return answerPage('bindings', entries, page);
};

/**
 * `encryption-binding-del`: ends a binding, so that another key, or cleartext, may use the DUID; or those of one key, of
 * all keys of one kind, or of all keys.
 */
export const encryptionBindingDel: CommandHandler = (context, json) => {
  const parameters = new CommandArguments(json, ['duid', 'key', 'credential', 'all']);
  switch (parameters.oneOf('duid', 'key', 'credential', 'all')) {
    case 'duid':
      return deleteOne(context, duidOf(parameters, 'duid'));
    case 'key': {
      const key = parameters.octets('key', 32, 32, keyRight);
      return deleteWhere(context, ({ identity }) => identity.keyId.equals(key));
    }
    case 'credential': {
      const kind = parameters.choice('credential', ['certificate', 'public-key']);
      return deleteWhere(context, ({ identity }) => identity.kind === kind);
    }
    case 'all':
      parameters.requireTrue('all');
      return deleteWhere(context, () => true);
  }
};

function deleteOne({ table }: CommandContext, duid: Buffer): CommandAnswer {
  return table().clearBinding(duid)
    ? { result: 0, text: 'binding deleted' }
    : { result: 3, text: `the DUID ${duidText(duid)} is bound to no key` };
}

/** A derived DUID stays: it would be bound to its key again with the key's next message. */
async function deleteWhere(
  { table }: CommandContext,
  isMeant: (binding: KeyTableBinding) => boolean,
): Promise<CommandAnswer> {
  let count = 0;
  let after: Buffer | undefined;
  do {
    const page = table().bindings(MAX_BULK, after);
    const meant = page.filter((binding) => !binding.isDerived && isMeant(binding));
    count += meant.length > 0 ? table().clearBindings(meant.map(({ duid }) => duid)) : 0;
    after = page.at(-1)?.duid;
    await setImmediate();
  } while (after !== undefined);
  return count > 0
    ? { result: 0, text: `${count} bindings deleted`, arguments: { count } }
    : { result: 3, text: '0 bindings found', arguments: { count } };
}
