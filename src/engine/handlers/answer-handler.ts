// SPDX-License-Identifier: MPL-2.0

import { ntpFromUnixMilliseconds, setupBaseS, suiteFor } from '../../crypto';
import {
  decodeMessage,
  encodeMessage,
  MessageType,
  OptionCode,
  rewrapRelay,
  unwrapRelay,
} from '../../dhcpv6';
import {
  type CodePoints,
  encodeEncryptedResponse,
  encodeSignedResponse,
  HpkeMode,
  responseInfo,
} from '../../protocol';
import type { ClientDirectory } from '../clients/client-directory';
import type { ContextTable } from '../clients/context-table';
import { EngineDrop } from '../packet/drop-reasons';
import type { PendingSolicit, PendingSolicits } from './pending-solicits';
import type { ServerKeys } from '../clients/server-keys';
import type { Sealed } from '../packet/verdict';

const transactionIdLength = 4;

/** Kea's answers: seals the message inside the relay levels, which stay as Kea built them. */
export class AnswerHandler {
  constructor(
    private readonly codePoints: CodePoints,
    private readonly keys: ServerKeys,
    private readonly contexts: ContextTable,
    private readonly clients: ClientDirectory,
    private readonly solicits: PendingSolicits,
    private readonly now: () => number,
  ) {}

  /** @param answer Kea's packed answer, Relay-reply levels included */
  seal(handle: number, answer: Buffer): Sealed {
    const nest = unwrapRelay(answer);
    const inner = nest.message;
    const msgType = inner[0];
    if (
      inner.length < transactionIdLength ||
      (msgType !== MessageType.Advertise && msgType !== MessageType.Reply)
    ) {
      throw new EngineDrop('answer-unexpected', `an answer of message type ${String(msgType)}`);
    }
    const transactionId = inner.readUIntBE(1, 3);
    const context = this.contexts.findByHandle(handle);
    if (context !== undefined) {
      if (context.hasUnboundDuid) {
        this.clients.bindAnswered(context.client, decodeMessage(inner));
      }
      const response = encodeEncryptedResponse(this.codePoints, context.sealing(), transactionId, inner);
      return { action: 'replace', octets: rewrapRelay(nest, response) };
    }
    const solicit = this.solicits.take(handle);
    if (solicit?.transactionId !== transactionId) {
      throw new EngineDrop('answer-unexpected', 'an answer to a query that is no longer known');
    }
    return {
      action: 'replace',
      octets: rewrapRelay(
        nest,
        solicit.permit.run(() => this.answerSolicit(solicit, transactionId, inner)),
      ),
    };
  }

  /** docs/protocol.md 4.4: mode base; the outer signature authenticates it. */
  private answerSolicit(solicit: PendingSolicit, transactionId: number, answer: Buffer): Buffer {
    const message = decodeMessage(answer);
    const inner = encodeMessage({
      ...message,
      options: message.options.filter(
        (option) =>
          option.code !== OptionCode.ClientIdentifier || !option.data.equals(solicit.insertedIdentifier),
      ),
    });
    const suite = suiteFor(solicit.clientKey.keyType);
    const { enc, context } = setupBaseS(suite, solicit.clientKey, responseInfo);
    return encodeSignedResponse(
      this.codePoints,
      { mode: HpkeMode.Base, suite, recipientTag: undefined, enc, context },
      this.keys.signer,
      transactionId,
      inner,
      ntpFromUnixMilliseconds(this.now()),
    );
  }
}
