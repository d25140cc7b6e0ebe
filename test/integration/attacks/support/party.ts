// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { deriveDuid, kemById, type RecipientPublicKey } from '../../../../src/crypto';
import {
  type DhcpOption,
  ElapsedTimeOption,
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
  CONTEXT_IDENTIFIER_LENGTH,
  decodeServerAnswer,
  defaultCodePoints,
  encodeEncryptedRequest,
  encodeSolicit,
  KemId,
  openSignedResponse,
  QueryContext,
  type QueryRecipient,
  requestDigest,
  requireMessageSignature,
  type SignedAnswer,
  type Signer,
  UNLIMITED_LIFETIME,
} from '../../../../src/protocol';
import { SERVER_DUID, type CredentialFiles } from '../../support';
import { publicKeyOf } from '../../support/public-key-of';
import { newClientKey, newTransaction, timestamp } from './forge';
import type { Sender, Wire } from './wire';

export type Question = Omit<Message, 'transactionId'>;

/** A server as its clients know it: by the key of its certificate, and the encryption key that it has told last. */
export class KnownServer {
  private told: QueryRecipient | undefined;

  private constructor(readonly key: RecipientPublicKey) {}

  static of(credentials: CredentialFiles): KnownServer {
    return new KnownServer(publicKeyOf(credentials));
  }

  /** Where queries go; somebody must have heard of it first. */
  get recipient(): QueryRecipient {
    if (this.told === undefined) {
      throw new Error('authenticate first');
    }
    return this.told;
  }

  /** Verifies what the server has signed, and keeps the key in it. */
  learn(msgType: 'encrypted-reply' | 'encrypted-response', octets: Buffer): SignedAnswer {
    const answer = decodeServerAnswer(defaultCodePoints, msgType, octets);
    if (answer.kind === 'retry') {
      throw new Error('a Retry');
    }
    requireMessageSignature(defaultCodePoints, 'server', answer, this.key);
    expect(answer.serverIdentifier).toEqual(SERVER_DUID);
    const { kemId, publicKey } = answer.encryptionKey;
    this.told = {
      serverIdentifier: SERVER_DUID,
      serverKeyId: this.key.keyId,
      encryptionKey: kemById(kemId).deserializePublicKey(publicKey),
    };
    return answer;
  }
}

/** A client that keeps to docs/protocol.md message by message, at once and without retransmission. */
export class Party {
  readonly duid: Buffer;
  readonly iaid = 7;
  address: string | undefined;
  /** Of its Solicits of solution B. */
  private readonly solicitKey = newClientKey();

  constructor(
    private readonly wire: Wire,
    readonly sender: Sender,
    readonly signer: Signer,
    readonly server: KnownServer,
    duid?: Buffer,
  ) {
    this.duid = duid ?? deriveDuid(signer.key.public.spki);
  }

  /** A fresh Encrypted-Request that shows its sender, or Solicit of solution B. */
  authentication(solution: 'A' | 'B'): Buffer {
    const request = { transactionId: newTransaction(), kemList: [KemId.X25519] };
    const shown = { signer: this.signer, timestamp: timestamp() };
    if (solution === 'A') {
      return encodeEncryptedRequest(defaultCodePoints, request, shown);
    }
    const { kemId, octets: publicKey } = this.solicitKey.public;
    const encryptionKey = { kemId, lifetime: UNLIMITED_LIFETIME, publicKey };
    return encodeSolicit(defaultCodePoints, { ...request, encryptionKey, options: solicitOptions() }, shown);
  }

  /** Has it answered, and looks whether the answer is what a server answers. */
  async authenticate(solution: 'A' | 'B', message = this.authentication(solution)): Promise<void> {
    const answer = await this.wire.ask(message, this.sender);
    if (solution === 'A') {
      expect(this.server.learn('encrypted-reply', answer).kind).toBe('announcement');
      return;
    }
    const response = this.server.learn('encrypted-response', answer);
    expect(response).toMatchObject({ kind: 'response', requestDigest: requestDigest(message) });
    const { keyId: clientKeyId } = this.signer.key.public;
    const keys = { own: this.solicitKey, clientKeyId, serverKeyId: this.server.key.keyId };
    const { message: inner } = openSignedResponse(defaultCodePoints, answer, keys, SERVER_DUID);
    expect(inner.msgType).toBe(MessageType.Advertise);
  }

  /** The answer to a message of whatever making. */
  answered(message: Buffer): Promise<Buffer> {
    return this.wire.ask(message, this.sender);
  }

  openContext(recipient = this.server.recipient): QueryContext {
    return new QueryContext(defaultCodePoints, recipient, {
      own: newClientKey(recipient.encryptionKey.kemId),
      clientKeyId: this.signer.key.public.keyId,
      contextIdentifier: randomBytes(CONTEXT_IDENTIFIER_LENGTH),
    });
  }

  /** An opening query. */
  opening(context: QueryContext, question: Question, includeCredential = false): Buffer {
    const message = { ...question, transactionId: newTransaction() };
    return context.open(message, { signer: this.signer, timestamp: timestamp(), includeCredential });
  }

  /** A later query. */
  later(context: QueryContext, question: Question): Buffer {
    return context.seal({ ...question, transactionId: newTransaction() });
  }

  /** Sends a query of `context` and gives the answer inside the answer. */
  async ask(context: QueryContext, query: Buffer, from = this.sender): Promise<Message> {
    const answer = await this.wire.ask(query, from);
    const inner = context.openResponse(answer, query.readUIntBE(1, 3));
    if (inner.kind !== 'message') {
      throw new Error('a Relay-reply');
    }
    return inner.message;
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
