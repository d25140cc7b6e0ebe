// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../dhcpv6';
import { ProtocolError, type QuerySigning, QuerySender } from '../protocol';
import { authenticate } from './authentication';
import type { ClientContext } from './context';
import { type RetransmissionParameters, RetransmissionSchedule } from './retransmission';
import type { AuthenticatedServer } from './server-verifier';

/** The message of an exchange, as it is at a transmission. */
export type MessageBuilder = (transactionId: number, elapsedMilliseconds: number) => Message;

/** An answer's value, or undefined where the answer is none and the wait goes on. */
export type AnswerReader<Answer> = (message: Message) => Answer | undefined;

/** docs/protocol.md 4.3: after two unanswered queries in a row the client authenticates again. */
const unansweredBeforeAuthentication = 2;

/** Milliseconds that authenticating again may take in the middle of an exchange. */
const renewedAuthenticationPatience = 3000;

/** The encrypted exchanges of a client with one authenticated server (docs/protocol.md 4.3 and 4.4). */
export class SecureServer {
  private sender: QuerySender | undefined;
  /** Whether a response in this context has been verified, so that the server knows the context. */
  private isOpen = false;

  constructor(
    private readonly context: ClientContext,
    private server: AuthenticatedServer,
  ) {}

  get identity(): AuthenticatedServer {
    return this.server;
  }

  /**
   * One exchange with retransmission (RFC 8415 section 15).
   * @returns undefined when the parameters allow no more transmission
   */
  async exchange<Answer>(
    parameters: RetransmissionParameters,
    build: MessageBuilder,
    read: AnswerReader<Answer>,
  ): Promise<Answer | undefined> {
    const { environment, inbox, transport } = this.context;
    const schedule = new RetransmissionSchedule(parameters, () => environment.random());
    const transactionId = environment.transactionId();
    const began = environment.monotonic();
    inbox.clear();
    for (let unanswered = 0; ; unanswered += 1) {
      if (unanswered > 0) {
        await this.recover(unanswered);
      }
      const elapsed = environment.monotonic() - began;
      const wait = schedule.next(elapsed);
      if (wait === undefined) {
        return undefined;
      }
      const sender = this.openSender();
      transport.send(sender.seal(build(transactionId, elapsed), this.isOpen ? undefined : this.signing()));
      const answer = await this.await(sender, transactionId, environment.monotonic() + wait, read);
      if (answer !== undefined) {
        return answer;
      }
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

  /** The server may have lost the context, or even the client's key. */
  private async recover(unanswered: number): Promise<void> {
    this.sender = undefined;
    if (this.context.credentialInside || unanswered % unansweredBeforeAuthentication !== 0) {
      return;
    }
    try {
      const servers = await authenticate(this.context, {
        solMaxRt: renewedAuthenticationPatience,
        patience: renewedAuthenticationPatience,
      });
      const { serverIdentifier } = this.server;
      this.server = servers.find((other) => other.serverIdentifier.equals(serverIdentifier)) ?? this.server;
    } catch (error) {
      this.context.notice(error instanceof Error ? error.message : String(error));
    }
  }

  private async await<Answer>(
    sender: QuerySender,
    transactionId: number,
    until: number,
    read: AnswerReader<Answer>,
  ): Promise<Answer | undefined> {
    for (;;) {
      const octets = await this.context.inbox.next(until);
      if (octets === undefined) {
        return undefined;
      }
      try {
        const inner = sender.openResponse(octets, this.context.querySigner.key, transactionId);
        this.isOpen = true;
        const answer = read(inner.message);
        if (answer !== undefined) {
          return answer;
        }
      } catch (error) {
        if (!(error instanceof ProtocolError || error instanceof DecodeError)) {
          throw error;
        }
        this.context.notice(`an answer is ignored: ${error.message}`);
      }
    }
  }
}
