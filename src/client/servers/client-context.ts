// SPDX-License-Identifier: MPL-2.0

import type { CodePoints, Signer } from '../../protocol';
import type { LinkContext } from '../exchange/link-context';
import type { TimestampSource } from '../exchange/timestamp-source';
import type { ContextKeeper } from './context-keeper';
import type { ServerVerifier } from './server-verifier';

/** What every encrypted exchange of one client uses. */
export interface ClientContext extends LinkContext {
  readonly codePoints: CodePoints;
  /** Shown in clear: in an Encrypted-Request, or in the Solicit of solution B. */
  readonly signer: Signer;
  /** Signs opening queries; differs from `signer` if the client shows its certificate only under encryption. */
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
