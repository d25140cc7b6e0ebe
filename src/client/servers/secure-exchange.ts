// SPDX-License-Identifier: MPL-2.0

import { findOption, type Message, OptionCode } from '../../dhcpv6';
import { ClientError } from '../exchange/errors';
import {
  type AnswerNotes,
  type ExchangePeer,
  IgnoredAnswers,
  type PeerIdentity,
  type Transaction,
} from '../exchange/exchange-peer';
import type { ClientContext } from './client-context';
import { ExchangeServer } from './exchange-server';
import type { KeyInquiry } from './key-inquiry';
import type { KnownServer } from './known-server';
import { MAX_SERVERS, SecureTransaction } from './secure-transaction';
import type { AuthenticatedServer } from './server-verifier';

/** What the servers of one exchange of a client share. */
export class ExchangeScope {
  private readonly servers = new Map<string, ExchangeServer>();
  private readonly answered = new Set<string>();
  /** When the exchange began: its Elapsed Time runs on over servers, retransmissions and authentications (docs/protocol.md 5.1). */
  readonly began: number;

  constructor(
    readonly context: ClientContext,
    readonly inquiry: KeyInquiry,
  ) {
    this.began = context.environment.monotonic();
    context.inbox.clear();
    context.verifier.beginExchange();
  }

  /** A server has answered this exchange's inquiry, by which the client may have shown its credential. */
  noteAnswered({ serverIdentifier }: AuthenticatedServer): void {
    this.answered.add(serverIdentifier.toString('hex'));
  }

  serverOf(known: KnownServer): ExchangeServer {
    const duid = known.server.serverIdentifier.toString('hex');
    let server = this.servers.get(duid);
    if (server === undefined) {
      const knowsCredential = this.context.showsCredential && this.answered.has(duid);
      server = new ExchangeServer(this.context, known, knowsCredential);
      this.servers.set(duid, server);
    }
    return server;
  }

  /** Ends the exchange: what was fresh for it is erased, and a time that nothing has confirmed is forgotten. */
  close(): void {
    this.inquiry.close();
    for (const server of this.servers.values()) {
      server.settle();
    }
    this.context.time.endExchange();
  }
}

/** Exchanges with authenticated servers, one or several at once, in Encrypted-Queries (docs/protocol.md 4, 5.1). */
export class SecureExchange implements ExchangePeer {
  readonly ignored = new IgnoredAnswers();

  /**
   * @param servers of which four are asked
   * @param isChosen whether it is one, and no other joins
   * @param began when the Elapsed Time of its messages began; undefined for the first transmission of each
   */
  constructor(
    private readonly scope: ExchangeScope,
    private readonly servers: ExchangeServer[],
    private readonly isChosen: boolean,
    private readonly began?: number,
  ) {
    this.servers = servers.slice(0, MAX_SERVERS);
  }

  get identity(): AuthenticatedServer | undefined {
    return this.isChosen ? this.servers[0]?.known.server : undefined;
  }

  get identityRefused(): number {
    return this.scope.context.codePoints.statusCodes['identity-refused'];
  }

  get notes(): AnswerNotes {
    const { memory, time } = this.scope.context;
    return { way: memory.way, ...(time.isTaken && { serverTime: time.now() }) };
  }

  senderOf(message: Message): AuthenticatedServer | undefined {
    const named = findOption(message.options, OptionCode.ServerIdentifier)?.data;
    return this.servers.find(({ duid }) => named?.equals(duid) === true)?.known.server;
  }

  only({ serverIdentifier }: PeerIdentity): SecureExchange {
    const chosen = this.servers.filter(({ duid }) => duid.equals(serverIdentifier));
    return new SecureExchange(this.scope, chosen, true);
  }

  /** The same without servers whose offers have failed; undefined if none is left. */
  without(failed: readonly PeerIdentity[]): SecureExchange | undefined {
    const left = this.servers.filter(
      ({ duid }) => !failed.some(({ serverIdentifier }) => serverIdentifier.equals(duid)),
    );
    return left.length === 0 ? undefined : new SecureExchange(this.scope, left, false, this.began);
  }

  get names(): string[] {
    return this.servers.map(({ known }) => known.server.name);
  }

  /** @throws ClientError `authentication-refused` if every server has reported a failure that cannot be mended */
  async exchange<Answer>(transaction: Transaction<Answer>): Promise<Answer[]> {
    const { scope, servers, isChosen, began, ignored } = this;
    ignored.clear();
    const run = new SecureTransaction(transaction, { scope, servers, isChosen, began, ignored });
    const answers = await run.run();
    const ends = servers.flatMap(({ ended }) => (ended === undefined ? [] : [ended]));
    if (answers.length === 0 && ends.length > 0 && ends.length === servers.length) {
      throw new ClientError('authentication-refused', ends.join('; '));
    }
    return answers;
  }
}
