// SPDX-License-Identifier: MPL-2.0

import type { CommandHandler } from './command';

/** `encryption-reload`: reads certificates, keys, trust anchors, intermediates and CRLs anew, all or none. */
export const encryptionReload: CommandHandler = async (context, parameters) => {
  const isEmpty =
    parameters === undefined ||
    (typeof parameters === 'object' && parameters !== null && Object.keys(parameters).length === 0);
  if (!isEmpty) {
    return { result: 1, text: 'encryption-reload takes no arguments' };
  }
  const outcome = await context.reload();
  return outcome.accepted
    ? { result: 0, text: outcome.text, arguments: outcome.counts }
    : { result: 1, text: outcome.text };
};
