// SPDX-License-Identifier: MPL-2.0

import { CommandArguments } from './arguments';
import type { CommandHandler } from './command';
import { answerPage, pageArguments, readPage } from './paging';
import { duidRight, duidText } from './texts';

/** RFC 8415 section 11.1: two octets of type and at most 128 more. */
const longestDuid = 130;

function duidOf(parameters: CommandArguments, name: string): Buffer {
  return parameters.octets(name, 1, longestDuid, duidRight);
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

/** `encryption-binding-del`: ends a binding, so that another key, or cleartext, may use the DUID. */
export const encryptionBindingDel: CommandHandler = ({ table }, json) => {
  const duid = duidOf(new CommandArguments(json, ['duid']), 'duid');
  if (!table().clearBinding(duid)) {
    return { result: 3, text: `the DUID ${duidText(duid)} is bound to no key` };
  }
  return { result: 0, text: 'binding deleted' };
};
