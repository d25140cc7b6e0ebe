// SPDX-License-Identifier: MPL-2.0

import { CommandArguments } from './arguments';
import type { CommandHandler } from './command';

/** `encryption-reload`: reads certificates, keys, trust anchors, intermediates and CRLs anew, all or none. */
export const encryptionReload: CommandHandler = async (context, parameters) => {
  new CommandArguments(parameters, []);
  const outcome = await context.reload();
  return outcome.accepted
    ? { result: 0, text: outcome.text, arguments: outcome.counts }
    : { result: 1, text: outcome.text };
};
