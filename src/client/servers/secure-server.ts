// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import { findOption, type Message, OptionCode } from '../../dhcpv6';
import { type QuerySigning, QuerySender } from '../../protocol';
import { authenticate } from './authentication';
import type { ClientContext } from './client-context';
import type { ContextGround } from './context-keeper';
import {
  type AnswerReader,
  type Carriage,
  exchangeOver,
  type ExchangePeer,
  IgnoredAnswers,
  type MessageBuilder,
} from '../exchange/exchange-peer';
import type { RetransmissionParameters } from '../exchange/retransmission';
import type { AuthenticatedServer } from './server-verifier';

/** docs/protocol.md 4.3: after that many unanswered queries in a row the client authenticates again. */
const MAX_UNANSWERED = 2;

/** Milliseconds that authenticating again may take in the middle of an exchange. */
const MAX_REAUTHENTICATION_DURATION = 3000;

/** The encrypted exchanges of a client with one authenticated server (docs/protocol.md 4.3 and 4.4). */
export class SecureServer implements ExchangePeer, Carriage {
  readonly ignored = new IgnoredAnswers();
  /** Whether a response in this context has been verified, so that the server knows the context. */
  private isOpen: boolean;

  /** @param sender of a context that is open already */
  constructor(
    private readonly context: ClientContext,
    private server: AuthenticatedServer,
    private sender?: QuerySender,
  ) {
    this.isOpen = sender !== undefined;
  }

  get identity(): AuthenticatedServer {
    return this.server;
  }

  senderOf(message: Message): AuthenticatedServer | undefined {
    const named = findOption(message.options, OptionCode.ServerIdentifier)?.data;
    return named?.equals(this.server.serverIdentifier) === true ? this.server : undefined;
  }

  /** @throws ClientError `stopped` */
  exchange<Answer>(
    parameters: RetransmissionParameters,
    build: MessageBuilder,
    read: AnswerReader<Answer>,
  ): Promise<Answer | undefined> {
    return exchangeOver(this.context, this, parameters, build, read);
  }

  seal(message: Message): Buffer {
    const sender = this.openSender();
    return sender.seal(message, this.isOpen ? undefined : this.signing());
  }

  open(octets: Buffer, transactionId: number): Message {
    const sender = this.openSender();
    const inner = sender.openResponse(octets, this.context.querySigner.key, transactionId);
    this.isOpen = true;
    this.context.contexts.keep({ server: this.server, sender }, groundOf(this.context));
    return inner.message;
  }

  /** The server may have lost the context, or even the client's key. */
  async recover(unanswered: number): Promise<void> {
    this.context.contexts.forget(this.sender);
    this.sender = undefined;
    if (this.context.credentialInside || unanswered % MAX_UNANSWERED !== 0) {
      return;
    }
    try {
      const servers = await authenticate(this.context, {
        solMaxRt: MAX_REAUTHENTICATION_DURATION,
        patience: MAX_REAUTHENTICATION_DURATION,
      });
      const { serverIdentifier } = this.server;
      this.server = servers.find((other) => other.serverIdentifier.equals(serverIdentifier)) ?? this.server;
    } catch (error) {
      this.context.notice(errorText(error));
    }
  }

  private openSender(): QuerySender {
    if (this.sender === undefined) {
      const { key, serverIdentifier } = this.server;
      this.sender = new QuerySender(this.context.codePoints, key, serverIdentifier);
      this.isOpen = false;
    }
    return this.sender;
  }

  private signing(): QuerySigning {
    const { querySigner, credentialInside, timestamps } = this.context;
    return { signer: querySigner, timestamp: timestamps.next(), includeCredential: credentialInside };
  }
}

/** The ground of this client's contexts. */
export function groundOf({ transport, signer, querySigner, verifier }: ClientContext): ContextGround {
  return { transport, signer, querySigner, trust: verifier.trust };
}
