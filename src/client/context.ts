// SPDX-License-Identifier: MPL-2.0

import type { CodePoints, Signer } from '../protocol';
import { Attempt } from './attempt';
import type { ContextKeeper } from './context-keeper';
import type { Environment } from './environment';
import { Inbox } from './inbox';
import { MaxRt } from './max-rt';
import type { ServerVerifier } from './server-verifier';
import type { TimestampSource } from './timestamp-source';
import type { Transport } from './transport';

/** What happens on the way and nobody has to act on: for a log. */
export type Notice = (text: string) => void;

/** What every exchange stands on, in clear or encrypted. */
export interface LinkContext {
  readonly environment: Environment;
  readonly inbox: Inbox;
  readonly transport: Transport;
  readonly notice: Notice;
  readonly maxRt: MaxRt;
  readonly attempt: Attempt;
}

/** What every encrypted exchange of one client stands on. */
export interface ClientContext extends LinkContext {
  readonly codePoints: CodePoints;
  /** Shown in clear: in an Encrypted-Request, or in the Solicit of solution B. */
  readonly signer: Signer;
  /** Signs opening queries; another one where the client shows its certificate only under encryption. */
  readonly querySigner: Signer;
  /**
   * Whether opening queries carry the credential inside, for a server that has no record of the key, and so
   * whether a server that lost its records needs no new authentication (docs/protocol.md 4.3).
   */
  readonly credentialInside: boolean;
  readonly timestamps: TimestampSource;
  readonly verifier: ServerVerifier;
  readonly contexts: ContextKeeper;
}

/** Has all that arrives on a transport put into one inbox. */
export function openLink(
  environment: Environment,
  transport: Transport,
  notice: Notice,
  signal?: AbortSignal,
  maxRt: MaxRt = new MaxRt(),
  attempt: Attempt = new Attempt(environment),
): LinkContext {
  const inbox = new Inbox(environment, signal);
  transport.onMessage((octets) => {
    inbox.push(octets);
  });
  transport.onProblem((error) => {
    notice(`a datagram could not be sent: ${error.message}`);
  });
  return { environment, inbox, transport, notice, maxRt, attempt };
}
