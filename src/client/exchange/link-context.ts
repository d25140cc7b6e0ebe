// SPDX-License-Identifier: MPL-2.0

import { Attempt } from './attempt';
import type { Environment } from './environment';
import { Inbox } from './inbox';
import { MaxRt } from './max-rt';
import type { Transport } from './transport';

/** Takes a line for the log. */
export type Notice = (text: string) => void;

/** What every exchange uses, in clear or encrypted. */
export interface LinkContext {
  readonly environment: Environment;
  readonly inbox: Inbox;
  readonly transport: Transport;
  /** Events that need no action. */
  readonly notice: Notice;
  /** What the user should know. */
  readonly warn: Notice;
  readonly maxRt: MaxRt;
  readonly attempt: Attempt;
}

/** Puts all that arrives on a transport into one inbox. */
export function openLink(
  environment: Environment,
  transport: Transport,
  notice: Notice,
  signal?: AbortSignal,
  maxRt: MaxRt = new MaxRt(),
  attempt: Attempt = new Attempt(environment),
  warn: Notice = notice,
): LinkContext {
  const inbox = new Inbox(environment, signal);
  transport.onMessage((octets, way) => {
    inbox.push({ octets, way });
  });
  transport.onProblem((error) => {
    notice(`a datagram could not be sent: ${error.message}`);
  });
  return { environment, inbox, transport, notice, warn, maxRt, attempt };
}
