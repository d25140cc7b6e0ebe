// SPDX-License-Identifier: MPL-2.0

import { DecodeError, decodeMessageTolerantly } from '../../dhcpv6';
import { decodeServerAnswer, ProtocolError, type SignedAnswer } from '../../protocol';
import { type AnswerRating, type IgnoredAnswers, type Transaction } from '../exchange/exchange-peer';
import type { Arrival } from '../exchange/inbox';
import { RetransmissionSchedule } from '../exchange/retransmission';
import type { Way } from '../exchange/transport';
import type { ClientContext } from './client-context';
import { MAX_UNANSWERED } from './context-keeper';
import type { ExchangeServer } from './exchange-server';
import { learn, noteWay } from './key-discovery';
import { keepCookie } from './key-inquiry';
import { readReport } from './reports';
import type { ExchangeScope } from './secure-exchange';
import type { Announced } from './server-verifier';

/** docs/protocol.md 5.1: servers that a message for all goes to. */
export const MAX_SERVERS = 4;

/** docs/protocol.md 3: Retries to inquiries that are answered in one transmission. */
const MAX_RETRIES = 4;

/** Redraws of a transaction-id that an open context has seen. */
const MAX_REDRAWS = 64;

export interface TransactionPeers {
  readonly scope: ExchangeScope;
  /** Others join if the transaction is not with a chosen one. */
  readonly servers: ExchangeServer[];
  readonly isChosen: boolean;
  /** When its Elapsed Time began, by the monotonic clock; undefined for its own first transmission. */
  readonly began: number | undefined;
  readonly ignored: IgnoredAnswers;
}

interface Collected<Answer> {
  readonly answer: Answer;
  readonly rating: AnswerRating;
}

const ratings: readonly AnswerRating[] = ['final', 'good', 'poor'];

/** One message to one or several servers with its retransmissions (docs/protocol.md 4.2, 5.1). */
export class SecureTransaction<Answer> {
  private readonly context: ClientContext;
  private readonly transactionId: number;
  private readonly began: number;
  private readonly collected: Collected<Answer>[] = [];
  private retries = 0;
  private transmissions = 0;

  constructor(
    private readonly transaction: Transaction<Answer>,
    private readonly peers: TransactionPeers,
  ) {
    this.context = peers.scope.context;
    this.began = this.context.environment.monotonic();
    this.transactionId = this.freshTransactionId();
  }

  /** @returns the answers, the best first; none if the parameters allow no more transmission, or the attempt is over */
  async run(): Promise<Answer[]> {
    const { attempt, environment } = this.context;
    const schedule = new RetransmissionSchedule(this.transaction.parameters, () => environment.random());
    for (const server of this.peers.servers) {
      server.beginTransaction();
    }
    try {
      while (schedule.remaining !== 0 && !attempt.isOver() && this.active.length > 0) {
        const wait = schedule.next(environment.monotonic() - this.began);
        if (wait === undefined) {
          break;
        }
        this.transmit();
        await this.collect(attempt.bounded(environment.monotonic() + wait));
        if (this.collected.length > 0) {
          break;
        }
      }
    } finally {
      for (const server of this.peers.servers) {
        server.settle();
      }
    }
    return ratings.flatMap((rating) =>
      this.collected.filter((one) => one.rating === rating).map(({ answer }) => answer),
    );
  }

  private get active(): ExchangeServer[] {
    return this.peers.servers.filter(({ isActive }) => isActive);
  }

  /** A context sees each transaction-id once (docs/protocol.md 4.1). */
  private freshTransactionId(): number {
    const { environment } = this.context;
    const { servers } = this.peers;
    for (let draw = 0; draw < MAX_REDRAWS; draw += 1) {
      const transactionId = environment.transactionId();
      if (!servers.some(({ known }) => known.openContext?.hasUsed(transactionId) === true)) {
        return transactionId;
      }
    }
    for (const { known } of servers) {
      known.erase();
    }
    return environment.transactionId();
  }

  private transmit(): void {
    const { memory } = this.context;
    let hasAsked = false;
    this.retries = 0;
    this.transmissions += 1;
    for (const server of this.active) {
      server.beginTransmission();
      const { unanswered } = server;
      // docs/protocol.md 5.1: after two in a row it asks for the key, and goes on with that.
      const mustAsk = unanswered > 0 && unanswered % MAX_UNANSWERED === 0;
      if (mustAsk) {
        this.context.warn(
          `the server ${server.known.server.name} has not answered ${String(unanswered)} messages: it is asked for its key`,
        );
      }
      if (mustAsk || !server.canSend) {
        server.awaitsKey = true;
        if (!hasAsked) {
          this.ask(server, memory.ways(unanswered));
          hasAsked = true;
        }
      } else {
        this.query(server, this.waysTo(server, unanswered));
      }
      server.unanswered += 1;
    }
  }

  /** Where one way will do it is the server's own: another one may be behind another relay agent (docs/protocol.md 5.3). */
  private waysTo({ known }: ExchangeServer, unanswered: number): readonly Way[] {
    const ways = this.context.memory.ways(unanswered, this.transaction.goesOneWay);
    return ways.length === 1 && known.way !== undefined ? [known.way] : ways;
  }

  private query(server: ExchangeServer, ways: readonly Way[]): void {
    const elapsed = this.context.environment.monotonic() - (this.peers.began ?? this.began);
    server.send(this.transaction.build(this.transactionId, elapsed), ways);
  }

  /** A query for what the server has told, not to wait for the next transmission. */
  private queryAtOnce(server: ExchangeServer, ...ways: readonly Way[]): void {
    if (server.canSend && server.mayFollow()) {
      this.query(server, ways);
    }
  }

  /** Asks for the server's key, in a transaction of its own. */
  private ask(server: ExchangeServer, ways: readonly Way[]): void {
    const { environment, memory, transport } = this.context;
    const { inquiry, began } = this.peers.scope;
    const transactionId = environment.transactionId();
    for (const way of ways) {
      const elapsed = environment.monotonic() - began;
      transport.send(inquiry.build(transactionId, elapsed, memory.cookie(way, server.duid)), way);
    }
  }

  /** Until all servers have answered, an answer ends the wait, or the time-out is over. */
  private async collect(until: number): Promise<void> {
    const { inbox, notice } = this.context;
    // After the first time-out the first that is good will do (RFC 9915 section 18.2.1).
    const enough: readonly AnswerRating[] = this.transmissions > 1 ? ['final', 'good'] : ['final'];
    while (this.active.length > 0 && !this.collected.some(({ rating }) => enough.includes(rating))) {
      const arrival = await inbox.next(until);
      if (arrival === undefined) {
        return;
      }
      try {
        this.handle(arrival);
      } catch (error) {
        if (!(error instanceof ProtocolError || error instanceof DecodeError)) {
          throw error;
        }
        this.peers.ignored.add(error.message);
        notice(`an answer is ignored: ${error.message}`);
      }
    }
  }

  private handle(arrival: Arrival): void {
    const { octets } = arrival;
    const { messageTypes } = this.context.codePoints;
    if (octets.length < 4 || octets.readUIntBE(1, 3) !== this.transactionId) {
      this.handleInquiryAnswer(arrival);
    } else if (octets[0] === messageTypes['encrypted-reply']) {
      this.handleSigned(arrival, 'encrypted-reply');
    } else if (octets[0] === messageTypes['encrypted-response']) {
      const { options } = decodeMessageTolerantly(octets);
      if (options.some(({ code }) => code === this.context.codePoints.optionCodes['encrypted-message'])) {
        this.handleResponse(arrival);
      } else {
        this.handleSigned(arrival, 'encrypted-response');
      }
    }
  }

  private handleResponse({ octets, way }: Arrival): void {
    let failure: ProtocolError | undefined;
    for (const server of this.active) {
      try {
        const message = server.openResponse(octets, this.transactionId);
        noteWay(this.context, way, server.known);
        const answer = this.transaction.read(message);
        if (answer !== undefined) {
          server.hasAnswered = true;
          this.collected.push({ answer, rating: this.transaction.rate(answer) });
        }
        return;
      } catch (error) {
        if (!(error instanceof ProtocolError)) {
          throw error;
        }
        failure = failure === undefined || failure.code === 'context-unknown' ? error : failure;
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
  }

  /** A Retry, a report or an announcement that answers a query. */
  private handleSigned({ octets, way }: Arrival, msgType: 'encrypted-reply' | 'encrypted-response'): void {
    const answer = decodeServerAnswer(this.context.codePoints, msgType, octets);
    const server = this.active.find(({ duid }) => duid.equals(answer.serverIdentifier));
    if (server === undefined) {
      return;
    }
    if (answer.kind === 'retry') {
      // docs/protocol.md 3: an Encrypted-Reply answers an Encrypted-Request.
      if (msgType === 'encrypted-response') {
        keepCookie(this.context, way, answer);
        this.askOnce(server, way);
      }
    } else if (answer.kind === 'report') {
      this.handleReport(server, answer, way);
    } else if (answer.kind === 'announcement') {
      this.handleAnnouncement(server, answer, way);
    }
  }

  /** A query that is answered so asks once (docs/protocol.md 3). */
  private askOnce(server: ExchangeServer, way: Way): void {
    if (!server.hasAsked) {
      server.hasAsked = true;
      this.ask(server, [way]);
    }
  }

  private handleReport(server: ExchangeServer, report: SignedAnswer, way: Way): void {
    const { warn } = this.context;
    const which = server.whichQuery(report.requestDigest);
    if (which === undefined) {
      throw new ProtocolError('authentication-fail', 'a report on another message than the last');
    }
    const failure = readReport(this.context, report, which === 'last');
    keepCookie(this.context, way, report);
    noteWay(this.context, way, server.known);
    const next = server.fail(failure, {
      kem: () => this.peers.scope.inquiry.useMandatoryKem(),
      time: () => server.timeMending.canMend(this.context, report),
    });
    warn(next === 'end' ? failure.text : `${failure.text}: mended, and sent again`);
    if (next === 'again') {
      this.queryAtOnce(server, way);
    } else if (next === 'ask') {
      server.awaitsKey = true;
      this.ask(server, [way]);
    }
  }

  private handleAnnouncement(server: ExchangeServer, answer: SignedAnswer, way: Way): void {
    const { verifier } = this.context;
    const announced = verifier.verify(answer, server.expectedKem(answer));
    verifier.keep(announced.server);
    keepCookie(this.context, way, answer);
    noteWay(this.context, way, server.known);
    if (server.adopt(announced, true)) {
      this.queryAtOnce(server, way);
    } else {
      this.askOnce(server, way);
    }
  }

  /** What came for an inquiry of this exchange, perhaps late. */
  private handleInquiryAnswer(arrival: Arrival): void {
    const { inquiry, context } = this.peers.scope;
    const answer = inquiry.read(arrival);
    if (answer?.kind === 'announced') {
      this.handleKey(answer.announced, arrival.way);
    } else if (answer?.kind === 'retry') {
      const server = this.active.find(({ duid }) => duid.equals(answer.serverIdentifier));
      this.retries += 1;
      if (server !== undefined && (server.hasAsked || server.awaitsKey) && this.retries <= MAX_RETRIES) {
        this.ask(server, [arrival.way]);
      }
    } else if (answer?.kind === 'failure') {
      context.warn(answer.failure.text);
      const [server] = this.active.filter(({ awaitsKey }) => awaitsKey);
      if (answer.isMended && server !== undefined) {
        this.ask(server, [arrival.way]);
      }
    }
  }

  private handleKey(announced: Announced, way: Way): void {
    const { servers, scope, isChosen } = this.peers;
    const { serverIdentifier } = announced.server;
    const server = servers.find(({ duid }) => duid.equals(serverIdentifier));
    if (server !== undefined) {
      const wasAsked = server.awaitsKey || server.hasAsked;
      noteWay(this.context, way, server.known);
      if (server.isActive && ((server.adopt(announced, wasAsked) && wasAsked) || server.awaitsKey)) {
        // A relay agent may forward what asks for the key, and drop queries: one that stayed unanswered twice goes both ways.
        this.queryAtOnce(server, ...this.waysTo(server, server.unanswered - 1));
      }
    } else if (!isChosen && !announced.isNew && servers.length < MAX_SERVERS) {
      scope.noteAnswered(announced.server);
      const joined = scope.serverOf(learn(this.context, announced, way));
      joined.beginTransaction();
      servers.push(joined);
      this.query(joined, [way]);
    }
  }
}
