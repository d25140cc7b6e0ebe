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
import type { ServerKeys } from '../clients/server-keys';
import { EngineDrop } from '../packet/drop-reasons';
import { readHandle } from '../packet/handle';
import type { SealedAnswer } from '../packet/verdict';
import type { PendingSolicit, PendingSolicits } from './pending-solicits';

/** Octets of a client/server message before its options. */
const headerLength = 4;

export interface AnswerHandlerOptions {
  readonly codePoints: CodePoints;
  readonly keys: ServerKeys;
  readonly contexts: ContextTable;
  readonly clients: ClientDirectory;
  readonly solicits: PendingSolicits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Kea's answers: seals the message inside the relay levels, which stay as Kea built them. */
export class AnswerHandler {
  constructor(private readonly options: AnswerHandlerOptions) {}

  /**
   * @param handle of the query or Solicit that Kea has answered
   * @param answer Kea's packed answer, Relay-reply levels included
   * @throws EngineDrop `answer-unexpected`
   * @throws ProtocolError `client-identifier-bound`
   * @throws DecodeError
   * @throws KeyTableError
   */
  seal(handle: number, answer: Buffer): SealedAnswer {
    const { codePoints, contexts, clients, solicits } = this.options;
    const nest = unwrapRelay(answer);
    const inner = nest.message;
    const msgType = inner[0];
    if (inner.length < headerLength || (msgType !== MessageType.Advertise && msgType !== MessageType.Reply)) {
      throw new EngineDrop('answer-unexpected', `an answer of message type ${String(msgType)}`);
    }
    const transactionId = inner.readUIntBE(1, 3);
    const { owner, bindsDuid } = readHandle(handle);
    const context = contexts.findByHandle(owner);
    if (context !== undefined) {
      if (bindsDuid) {
        clients.bindAnswered(context.client, decodeMessage(inner));
      }
      const response = encodeEncryptedResponse(codePoints, context.sealing(), transactionId, inner);
      return { action: 'replace', octets: rewrapRelay(nest, response) };
    }
    const solicit = solicits.take(owner);
    if (solicit?.transactionId !== transactionId) {
      throw new EngineDrop('answer-unexpected', 'an answer to a query that is no longer known');
    }
    const response = solicit.permit.run(() => this.answerSolicit(solicit, inner));
    return { action: 'replace', octets: rewrapRelay(nest, response) };
  }

  /** docs/protocol.md 4.4: mode base; the outer signature authenticates it. */
  private answerSolicit(
    { clientKey, transactionId, insertedIdentifier }: PendingSolicit,
    answer: Buffer,
  ): Buffer {
    const { codePoints, keys, now } = this.options;
    const message = decodeMessage(answer);
    const options = message.options.filter(
      ({ code, data }) => code !== OptionCode.ClientIdentifier || !data.equals(insertedIdentifier),
    );
    const suite = suiteFor(clientKey.keyType);
    const { enc, context } = setupBaseS(suite, clientKey, responseInfo);
    return encodeSignedResponse(
      codePoints,
      { mode: HpkeMode.Base, suite, recipientTag: undefined, enc, context },
      keys.signer,
      transactionId,
      encodeMessage({ ...message, options }),
      ntpFromUnixMilliseconds(now()),
    );
  }
}
