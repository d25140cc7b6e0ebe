// SPDX-License-Identifier: MPL-2.0

import {
  decodeMessage,
  encodeMessage,
  MessageType,
  OptionCode,
  type RelayNest,
  rewrapRelay,
  unwrapRelay,
  wrapRelayReply,
} from '../../dhcpv6';
import { type CodePoints, firstFourOf, isClientMessage } from '../../protocol';
import type { ContextTable } from '../clients/context-table';
import type { ServerContext } from '../clients/server-context';
import { EngineDrop } from '../packet/drop-reasons';
import type { SealedAnswer } from '../packet/verdict';
import { identityRefusal } from './identity-refusal';
import type { PendingSolicit, PendingSolicits } from './pending-solicits';
import { sealResponse } from './seal-response';

/** Octets of a client/server message before its options. */
const HEADER_LENGTH = 4;

export interface AnswerHandlerOptions {
  readonly codePoints: CodePoints;
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
  readonly contexts: ContextTable;
  readonly solicits: PendingSolicits;
}

/** Kea's answers: seals the message inside the relay levels, which stay as Kea built them. */
export class AnswerHandler {
  constructor(private readonly options: AnswerHandlerOptions) {}

  /**
   * @param handle of the query or Solicit that Kea has answered
   * @param answer Kea's packed answer, Relay-reply levels included
   * @throws EngineDrop `answer-unexpected`
   * @throws DecodeError
   */
  seal(handle: number, answer: Buffer): SealedAnswer {
    const { contexts, solicits } = this.options;
    const nest = unwrapRelay(answer);
    const inner = nest.message;
    const msgType = inner[0];
    if (inner.length < HEADER_LENGTH) {
      throw new EngineDrop('answer-unexpected', `an answer of ${inner.length} octets`);
    }
    const transactionId = inner.readUIntBE(1, 3);
    const context = contexts.findByHandle(handle);
    if (msgType !== MessageType.Advertise && msgType !== MessageType.Reply) {
      return this.refuse(context, nest);
    }
    if (context !== undefined) {
      const response = sealResponse(this.options, context, transactionId, inner);
      return { action: 'replace', octets: rewrapRelay(nest, response) };
    }
    const solicit = solicits.take(handle);
    if (solicit?.transactionId !== transactionId) {
      throw new EngineDrop('answer-unexpected', 'an answer to a query that is no longer known');
    }
    const response = solicit.permit.run(() => this.answerSolicit(solicit, inner));
    return { action: 'replace', octets: rewrapRelay(nest, response) };
  }

  /** The hook gives back a query whose sender may not use its Client Identifier (docs/engine-channel.md). */
  private refuse(context: ServerContext | undefined, { levels, message }: RelayNest): SealedAnswer {
    const query = decodeMessage(message);
    if (context === undefined || !isClientMessage(query.msgType)) {
      throw new EngineDrop('answer-unexpected', `an answer of message type ${query.msgType}`);
    }
    const text = 'the Client Identifier is not to be used with this key';
    const response = identityRefusal(this.options, context, query, text);
    return { action: 'replace', octets: wrapRelayReply(levels, response) };
  }

  private answerSolicit(solicit: PendingSolicit, answer: Buffer): Buffer {
    const { codePoints } = this.options;
    const { sealing, transactionId, insertedIdentifier } = solicit;
    const message = decodeMessage(answer);
    const options = message.options.filter(
      ({ code, data }) => code !== OptionCode.ClientIdentifier || !data.equals(insertedIdentifier),
    );
    const msgType = codePoints.messageTypes['encrypted-response'];
    const prepared = sealing.prepare(firstFourOf(msgType, transactionId));
    const encryptedMessage = sealing.seal(prepared, encodeMessage({ ...message, options }));
    sealing.erase();
    return solicit.respond(encryptedMessage);
  }
}
