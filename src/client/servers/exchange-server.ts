// SPDX-License-Identifier: MPL-2.0

import type { Message } from '../../dhcpv6';
import { KemId, kemForQuery, ProtocolError, requestDigest, type SignedAnswer } from '../../protocol';
import type { Way } from '../exchange/transport';
import type { ClientContext } from './client-context';
import { TimeMending } from './key-inquiry';
import type { Failure } from './reports';
import { ClientQueryContext, type KnownServer } from './known-server';
import type { Announced } from './server-verifier';

/** Queries that are sent at once for what a server tells, within one transmission: somebody may forge Retries. */
const MAX_QUERIES_AT_ONCE = 4;

/** One authenticated server in one exchange: how queries get to it, and which of its answers count (docs/protocol.md 4). */
export class ExchangeServer {
  /** Contexts in which a response to the present transaction may come. */
  private pending: ClientQueryContext[] = [];
  /** Digests of the opening queries of the last transmission. */
  private digests: Buffer[] = [];
  private queries = 0;
  private queriesAtOnce = 0;
  readonly timeMending = new TimeMending();
  private isMended = false;
  private mustShowCredential = false;
  /** Transmissions in a row that it has not answered. */
  unanswered = 0;
  /** Whether it was asked for its key after the last query. */
  hasAsked = false;
  /** Whether no query goes to it before it has told its key. */
  awaitsKey = false;
  hasAnswered = false;
  /** Why nothing more is sent to it. */
  ended: string | undefined;

  /** @param knowsCredential whether the client has shown it in this exchange, and got an announcement for it */
  constructor(
    private readonly context: ClientContext,
    readonly known: KnownServer,
    private readonly knowsCredential: boolean,
  ) {}

  get duid(): Buffer {
    return this.known.server.serverIdentifier;
  }

  get isActive(): boolean {
    return !this.hasAnswered && this.ended === undefined;
  }

  /** Another message: only answers to it count from now on. */
  beginTransaction(): void {
    this.settle();
    this.unanswered = 0;
    this.hasAsked = false;
    this.awaitsKey = false;
    this.hasAnswered = false;
    this.digests = [];
  }

  /** The transaction is over: erases every context in which no response has verified. */
  settle(): void {
    for (const context of this.pending) {
      if (!this.known.isCurrent(context)) {
        context.query.erase();
      }
    }
    this.pending = [];
  }

  beginTransmission(): void {
    this.queriesAtOnce = 0;
  }

  /** Whether a query may follow at once what the server has told. */
  mayFollow(): boolean {
    this.queriesAtOnce += 1;
    return this.queriesAtOnce <= MAX_QUERIES_AT_ONCE;
  }

  /** Whether a query may go: in the open context, if this transaction has not used it, or in a new one. */
  get canSend(): boolean {
    const { openContext, isOpenable } = this.known;
    return isOpenable || (openContext !== undefined && !this.pending.includes(openContext));
  }

  /** Sends a query each way: in the open context if the transaction has not used one yet, else each in a new one. */
  send(message: Message, ways: readonly Way[]): void {
    this.digests = [];
    this.hasAsked = false;
    this.awaitsKey = false;
    try {
      for (const way of ways) {
        this.sendOne(message, way);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      this.ended = error.message;
      this.context.warn(error.message);
    }
  }

  private sendOne(message: Message, way: Way): void {
    const { transport, memory } = this.context;
    const cookie = memory.cookie(way, this.duid);
    const open = this.known.openContext;
    let octets: Buffer;
    if (open !== undefined && !this.pending.includes(open)) {
      this.use(open, message);
      octets = open.query.seal(message, cookie);
    } else {
      octets = this.open(message, cookie);
      this.digests.push(requestDigest(octets));
    }
    this.queries += 1;
    transport.send(octets, way);
  }

  private open(message: Message, cookie: Buffer | undefined): Buffer {
    const { codePoints, signer, timestamps, environment } = this.context;
    const context = ClientQueryContext.open(
      codePoints,
      this.known.announced,
      signer.key.public.keyId,
      (length) => environment.randomOctets(length),
    );
    this.use(context, message);
    const includeCredential = !this.knowsCredential || this.queries > 0 || this.mustShowCredential;
    return context.query.open(message, { signer, timestamp: timestamps.next(), includeCredential }, cookie);
  }

  private use(context: ClientQueryContext, { transactionId }: Message): void {
    context.note(transactionId);
    this.pending.push(context);
  }

  /**
   * The message in a response to this server's queries: the context it came in stays.
   * @throws ProtocolError if it is none
   */
  openResponse(octets: Buffer, transactionId: number): Message {
    let failure: ProtocolError | undefined;
    for (const context of this.pending) {
      try {
        const inner = context.query.openResponse(octets, transactionId);
        if (inner.kind !== 'message') {
          throw new ProtocolError('inner-message-type', 'a Relay-reply to a client');
        }
        this.establish(context);
        this.context.time.keep(this.duid.toString('hex'));
        this.unanswered = 0;
        return inner.message;
      } catch (error) {
        if (!(error instanceof ProtocolError)) {
          throw error;
        }
        if (failure === undefined || error.code !== 'context-unknown') {
          failure = error;
        }
      }
    }
    throw failure ?? new ProtocolError('context-unknown', 'a response in another context');
  }

  private establish(context: ClientQueryContext): void {
    this.known.establish(context);
    for (const other of this.pending) {
      if (other !== context) {
        other.query.erase();
      }
    }
    this.pending = [context];
  }

  /**
   * Goes on with what the server has told, if it is later than what is in use, or not earlier and the key that it was asked
   * for. Responses in the old context still count.
   * @param hasLostContext whether it answers a query with it
   */
  adopt(announced: Announced, hasLostContext: boolean): boolean {
    const isOtherKey = this.awaitsKey && this.known.hasAnotherKey(announced);
    if (!this.known.isLater(announced) && !isOtherKey) {
      return false;
    }
    const old = this.known.adopt(announced, hasLostContext);
    if (old !== undefined && !this.pending.includes(old)) {
      this.pending.push(old);
    }
    return true;
  }

  /** The KEM of the key in an answer to a query of this transaction (docs/protocol.md 3). */
  expectedKem({ kemList, encryptionKey }: SignedAnswer): number {
    const led = [
      ...this.pending.map(({ query }) => query.recipient.encryptionKey.kemId),
      this.known.announced.encryptionKey.kemId,
    ].map((kemId) => kemForQuery(kemId, kemList));
    return led.find((kemId) => kemId === encryptionKey.kemId) ?? led[0] ?? KemId.X25519;
  }

  /** Whether a digest is that of a query of the last transmission: 'earlier' than another of it, which went another way. */
  whichQuery(digest: Buffer | undefined): 'last' | 'earlier' | undefined {
    const at = this.digests.findIndex((own) => digest?.equals(own) === true);
    return at < 0 ? undefined : at === this.digests.length - 1 ? 'last' : 'earlier';
  }

  /**
   * A report on the last query (docs/protocol.md 5.1): what can be mended is, once.
   * @returns what to do next: the query again, asking for another key first, or nothing more with this server
   */
  fail(
    { kind, text }: Failure,
    canMend: { readonly kem: () => boolean; readonly time: () => boolean },
  ): 'again' | 'ask' | 'end' {
    const next = this.isMended ? 'end' : this.mend(kind, canMend);
    if (next === 'end') {
      this.ended = text;
    }
    return next;
  }

  private mend(
    kind: Failure['kind'],
    canMend: { readonly kem: () => boolean; readonly time: () => boolean },
  ): 'again' | 'ask' | 'end' {
    if (kind === 'authentication-fail' && this.knowsCredential && this.queries === 1) {
      this.mustShowCredential = true;
      return 'again';
    }
    this.isMended = true;
    if (kind === 'timestamp-fail' && canMend.time()) {
      return 'again';
    }
    return kind === 'algorithm-not-supported' && canMend.kem() ? 'ask' : 'end';
  }
}
