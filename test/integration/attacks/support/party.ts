// SPDX-License-Identifier: MPL-2.0
import { deriveDuid } from '../../../../src/crypto';
import {
  decodeMessage,
  type DhcpOption,
  ElapsedTimeOption,
  findOption,
  formatIpv6,
  IaAddressOption,
  IaNaOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
  parseIpv6,
  readOption,
} from '../../../../src/dhcpv6';
import {
  decodeEncryptedReply,
  decodeSignedResponse,
  defaultCodePoints,
  encodeEncryptedRequest,
  encodeSolicit,
  openSignedResponse,
  QuerySender,
  type Signer,
} from '../../../../src/protocol';
import type { RecipientPublicKey } from '../../../../src/crypto';
import { SERVER_DUID } from '../../support';
import { newTransaction, timestamp } from './forge';
import type { Sender, Wire } from './wire';

export type Question = Omit<Message, 'transactionId'>;

/** A client that keeps to docs/protocol.md message by message, at once and without retransmission. */
export class Party {
  readonly duid: Buffer;
  readonly iaid = 7;
  address: string | undefined;

  constructor(
    private readonly wire: Wire,
    readonly sender: Sender,
    readonly signer: Signer,
    private readonly server: RecipientPublicKey,
    duid?: Buffer,
  ) {
    this.duid = duid ?? deriveDuid(signer.key.public.spki);
  }

  /** A fresh Encrypted-Request, or Solicit of solution B. */
  authentication(solution: 'A' | 'B'): Buffer {
    return solution === 'A'
      ? encodeEncryptedRequest(defaultCodePoints, this.signer, newTransaction(), timestamp())
      : encodeSolicit(defaultCodePoints, this.signer, newTransaction(), solicitOptions(), timestamp());
  }

  /** Has it answered, and looks whether the answer is what a server answers. */
  async authenticate(solution: 'A' | 'B', message = this.authentication(solution)): Promise<void> {
    const answer = await this.wire.ask(message, this.sender);
    if (solution === 'A') {
      const reply = decodeEncryptedReply(defaultCodePoints, answer);
      expect(reply.serverIdentifier).toEqual(SERVER_DUID);
      expect(reply.status).toBeUndefined();
      return;
    }
    decodeSignedResponse(defaultCodePoints, answer);
    const transactionId = message.readUIntBE(1, 3);
    const { message: inner } = openSignedResponse(defaultCodePoints, answer, this.signer.key, transactionId);
    expect(inner.msgType).toBe(MessageType.Advertise);
  }

  openContext(): QuerySender {
    return new QuerySender(defaultCodePoints, this.server, SERVER_DUID);
  }

  /** An opening query. */
  opening(context: QuerySender, question: Question, includeCredential = false): Buffer {
    const message = { ...question, transactionId: newTransaction() };
    return context.seal(message, { signer: this.signer, timestamp: timestamp(), includeCredential });
  }

  /** A later query. */
  later(context: QuerySender, question: Question): Buffer {
    return context.seal({ ...question, transactionId: newTransaction() });
  }

  /** Sends a query of `context` and gives the answer inside the answer. */
  async ask(context: QuerySender, query: Buffer, from = this.sender): Promise<Message> {
    const answer = await this.wire.ask(query, from);
    return context.openResponse(answer, this.signer.key, query.readUIntBE(1, 3)).message;
  }

  /** Solicit and Request in one context; the client must have authenticated. Gives the address. */
  async lease(): Promise<string> {
    const context = this.openContext();
    const solicit = this.question(MessageType.Solicit);
    const advertise = await this.ask(context, this.opening(context, solicit));
    expect(advertise.msgType).toBe(MessageType.Advertise);
    const offered = addressIn(advertise);
    const request = this.question(MessageType.Request, offered);
    const reply = await this.ask(context, this.later(context, request));
    expect(reply.msgType).toBe(MessageType.Reply);
    this.address = addressIn(reply);
    expect(this.address).toBe(offered);
    return offered ?? '';
  }

  /** A Renew in a context of its own that has to be granted. */
  async renew(): Promise<void> {
    const context = this.openContext();
    const reply = await this.ask(context, this.opening(context, this.question(MessageType.Renew)));
    expect(reply.msgType).toBe(MessageType.Reply);
    expect(addressIn(reply)).toBe(this.address);
  }

  /** What this client asks of its association. */
  question(msgType: number, address = this.address, duid = this.duid): Question {
    const items =
      address === undefined || msgType === MessageType.Solicit
        ? []
        : [
            makeOption(IaAddressOption, {
              address: parseIpv6(address),
              preferredLifetime: 0,
              validLifetime: 0,
              options: [],
            }),
          ];
    const isForOne = msgType !== MessageType.Solicit && msgType !== MessageType.Rebind;
    const withServer = isForOne && msgType !== MessageType.Confirm;
    return {
      msgType,
      options: [
        { code: OptionCode.ClientIdentifier, data: duid },
        ...(withServer ? [{ code: OptionCode.ServerIdentifier, data: SERVER_DUID }] : []),
        makeOption(ElapsedTimeOption, 0),
        makeOption(IaNaOption, { iaid: this.iaid, t1: 0, t2: 0, options: items }),
      ],
    };
  }
}

/** What a Solicit of solution B asks for. */
export function solicitOptions(): DhcpOption[] {
  return [
    makeOption(ElapsedTimeOption, 0),
    makeOption(IaNaOption, { iaid: newTransaction(), t1: 0, t2: 0, options: [] }),
  ];
}

/** The address that an answer gives, if any. */
export function addressIn(message: Message): string | undefined {
  const association = readOption(message.options, IaNaOption);
  const item = association && readOption(association.options, IaAddressOption);
  return item === undefined || item.validLifetime === 0 ? undefined : formatIpv6(item.address);
}

export function isAnswerOf(octets: Buffer, msgType: number): boolean {
  const message = decodeMessage(octets);
  return (
    message.msgType === msgType && findOption(message.options, OptionCode.ServerIdentifier) !== undefined
  );
}
