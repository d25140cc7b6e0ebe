// SPDX-License-Identifier: MPL-2.0

import {
  type EphemeralInput,
  type RecipientPrivateKey,
  type RecipientPublicKey,
  recipientTag,
  type SenderContext,
  setupBaseS,
  setupPskR,
  suiteFor,
  wipe,
} from '../crypto';
import { encodeMessage, encodeOptions, type Message, OptionCode } from '../dhcpv6';
import { BoundedMap } from '../support';
import type { CodePoints } from './code-points';
import { type EncryptedResponse, decodeEncryptedResponse } from './encrypted-response';
import { ProtocolError } from './errors';
import {
  HpkeMode,
  queryInfo,
  responseInfo,
  responsePskContext,
  responsePskId,
  responsePskLength,
} from './hpke-info';
import { type InnerMessage, readInnerResponse } from './inner-message';
import { encodeSignedInner, type QuerySigning } from './opening-query';
import { openingEnvelope, ReceivingContext } from './receiving';
import { receiverSuite } from './receiver-suite';
import { prepareEnvelope, type SealingContext, sealEnvelope } from './sealing';

/** A server keeps one response context per query context; a restarted one may have made another. */
const MAX_RESPONSE_CONTEXTS = 4;

/** The client's side of one query context: seals queries to one server, opens its responses. */
export class QuerySender {
  private readonly sealing: SealingContext;
  private readonly context: SenderContext;
  private readonly serverIdentifierOption: Buffer;
  private readonly responses = new BoundedMap<string, ReceivingContext>(MAX_RESPONSE_CONTEXTS);

  /**
   * @param recipient the server's key
   * @param serverIdentifier the server's DUID
   * @param ephemeral the KEM's random input; only for reproducing known answers
   */
  constructor(
    private readonly codePoints: CodePoints,
    recipient: RecipientPublicKey,
    private readonly serverIdentifier: Buffer,
    ephemeral?: EphemeralInput,
  ) {
    const suite = suiteFor(recipient.keyType);
    const { enc, context } = setupBaseS(suite, recipient, queryInfo, ephemeral);
    this.context = context;
    this.sealing = {
      mode: HpkeMode.Base,
      suite,
      recipientTag: recipientTag(recipient.spki),
      enc,
      context,
    };
    this.serverIdentifierOption = encodeOptions([
      { code: OptionCode.ServerIdentifier, data: serverIdentifier },
    ]);
  }

  /**
   * The whole Encrypted-Query that carries `message`; with `signing` it can open the context at the server.
   * @throws EncodeError
   */
  seal(message: Message, signing?: QuerySigning): Buffer {
    const msgType = this.codePoints.messageTypes['encrypted-query'];
    const firstFour = Buffer.alloc(4);
    firstFour.writeUInt32BE(message.transactionId, 0);
    firstFour[0] = msgType;
    const prepared = prepareEnvelope(this.sealing, firstFour, this.serverIdentifierOption);
    const inner =
      signing === undefined
        ? encodeMessage(message)
        : encodeSignedInner(this.codePoints, message, prepared.aad, signing);
    return encodeMessage({
      msgType,
      transactionId: message.transactionId,
      options: [
        { code: OptionCode.ServerIdentifier, data: this.serverIdentifier },
        {
          code: this.codePoints.optionCodes['encrypted-message'],
          data: sealEnvelope(this.sealing, prepared, inner),
        },
      ],
    });
  }

  /**
   * The inner message of an Encrypted-Response to a query of this context (docs/protocol.md 4.4).
   * @throws ProtocolError if a rule of docs/protocol.md 3 or 4 is broken
   */
  openResponse(octets: Buffer, own: RecipientPrivateKey, transactionId: number): InnerMessage {
    const response = decodeEncryptedResponse(this.codePoints, octets);
    if (response.message.transactionId !== transactionId) {
      throw new ProtocolError('unexpected-message-type', 'the answer to another transaction');
    }
    if (response.envelope.mode !== HpkeMode.Psk) {
      throw new ProtocolError('envelope-mode', `a response in HPKE mode ${String(response.envelope.mode)}`);
    }
    if (response.serverIdentifier?.equals(this.serverIdentifier) === false) {
      throw new ProtocolError('server-identifier-mismatch', 'the answer of another server');
    }
    const plaintext = this.openPlaintext(response, own);
    return readInnerResponse(plaintext, { transactionId, serverIdentifier: this.serverIdentifier });
  }

  private openPlaintext(response: EncryptedResponse, own: RecipientPrivateKey): Buffer {
    const { envelope, aad } = response;
    const key = envelope.enc.toString('latin1');
    const known = this.responses.get(key);
    if (known !== undefined) {
      return known.open(envelope, aad);
    }
    const suite = receiverSuite(envelope, own.public.keyType);
    if (!envelope.recipientTag.every((octet) => octet === 0)) {
      throw new ProtocolError('recipient-unknown', 'a response with a recipient tag');
    }
    const psk = this.context.export(responsePskContext, responsePskLength);
    const pskId = responsePskId(this.sealing.enc);
    const opened = new ReceivingContext(
      HpkeMode.Psk,
      suite,
      openingEnvelope(() => setupPskR(suite, envelope.enc, own, responseInfo, psk, pskId)),
    );
    wipe(psk);
    const plaintext = opened.open(envelope, aad);
    this.responses.set(key, opened);
    return plaintext;
  }
}
