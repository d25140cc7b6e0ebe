// SPDX-License-Identifier: MPL-2.0

import type { CodePoints, Signer } from '../protocol';
import type { Environment } from './environment';
import type { Inbox } from './inbox';
import type { ServerVerifier } from './server-verifier';
import type { TimestampSource } from './timestamp-source';
import type { Transport } from './transport';

/** What happens on the way and nobody has to act on: for a log. */
export type Notice = (text: string) => void;

/** What every exchange of one client stands on. */
export interface ClientContext {
  readonly codePoints: CodePoints;
  readonly signer: Signer;
  readonly environment: Environment;
  readonly inbox: Inbox;
  readonly transport: Transport;
  readonly timestamps: TimestampSource;
  readonly verifier: ServerVerifier;
  readonly notice: Notice;
}
