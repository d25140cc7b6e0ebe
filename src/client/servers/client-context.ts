// SPDX-License-Identifier: MPL-2.0

import type { CodePoints, Signer } from '../../protocol';
import type { LinkContext } from '../exchange/link-context';
import type { ProtocolTime } from '../exchange/protocol-time';
import type { TimestampSource } from '../exchange/timestamp-source';
import type { LinkMemory } from './context-keeper';
import type { ServerVerifier } from './server-verifier';

/** What every encrypted exchange of one client uses. */
export interface ClientContext extends LinkContext {
  readonly codePoints: CodePoints;
  readonly signer: Signer;
  /** Whether the credential is shown in clear, too: in Encrypted-Requests, or in the Solicits of solution B. */
  readonly showsCredential: boolean;
  /** kem_ids, most wanted first. */
  readonly kemList: readonly number[];
  readonly time: ProtocolTime;
  readonly timestamps: TimestampSource;
  readonly verifier: ServerVerifier;
  readonly memory: LinkMemory;
}
