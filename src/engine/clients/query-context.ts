// SPDX-License-Identifier: MPL-2.0

import { type RecipientPrivateKey, type RecipientPublicKey, setupPskS, suiteFor, wipe } from '../../crypto';
import {
  HpkeMode,
  type ReceivingContext,
  responseInfo,
  responsePskContext,
  responsePskId,
  responsePskLength,
  type SealingContext,
} from '../../protocol';
import type { ClientIdentity } from '../key-table/client-identity';

/** One client's open context: opens its queries, and seals the responses to them (docs/protocol.md 4.4). */
export class QueryContext {
  private responses: SealingContext | undefined;

  constructor(
    /** Names the context towards the hook (handle.ts). */
    readonly handle: number,
    readonly enc: Buffer,
    /** The server's key that the context was opened with. */
    readonly recipient: RecipientPrivateKey,
    readonly client: ClientIdentity,
    readonly clientKey: RecipientPublicKey,
    readonly receiving: ReceivingContext,
  ) {}

  /** The response context, made for the first response: it costs one public-key operation. */
  sealing(): SealingContext {
    this.responses ??= this.openResponses();
    return this.responses;
  }

  /** Overwrites the keys of a context that is over. */
  wipe(): void {
    this.receiving.wipe();
    this.responses?.context.wipe();
  }

  private openResponses(): SealingContext {
    const suite = suiteFor(this.clientKey.keyType);
    const psk = this.receiving.export(responsePskContext, responsePskLength);
    const { enc, context } = setupPskS(suite, this.clientKey, responseInfo, psk, responsePskId(this.enc));
    wipe(psk);
    return { mode: HpkeMode.Psk, suite, recipientTag: undefined, enc, context };
  }
}
