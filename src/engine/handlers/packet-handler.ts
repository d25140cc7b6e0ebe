// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from '../../crypto';
import { DecodeError } from '../../dhcpv6';
import { type CodePoints, ProtocolError, readCookie } from '../../protocol';
import { type LimitName, limitNames, type Sender } from '../admission/limit-names';
import type { Blocklist } from '../admission/blocklist';
import type { WorkerMaterial } from '../clients/server-material';
import { KeyTableError } from '../key-table';
import type { PacketMetrics } from '../metrics';
import { briefText } from '../packet/brief-text';
import { countsAgainstSource } from '../packet/counted-failures';
import {
  type Datagram,
  type MessageKind,
  readDatagram,
  type ReceivedDatagram,
  requireSendable,
} from '../packet/datagram';
import { EngineDrop } from '../packet/drop-reasons';
import type { Drop, Sealed, Verdict } from '../packet/verdict';
import type { AnswerHandler } from './answer-handler';
import type { FailureReporter } from './failure-reporter';
import type { LiteralHandler } from './literal-handler';
import type { QueryHandler, Task } from './query-handler';
import type { RequestHandler } from './request-handler';
import type { SolicitHandler } from './solicit-handler';
import type { KeyMaterial } from '../encryption-keys';
import type { Senders } from './senders';
import type { WorkerAdministration } from './worker-administration';

/** Characters of an error of the engine's own, with where it was thrown. */
const MAX_STACK_LENGTH = 2000;

export interface PacketHandlerOptions {
  readonly codePoints: CodePoints;
  readonly solution: 'A' | 'B';
  readonly requests: RequestHandler;
  readonly solicits: SolicitHandler;
  readonly queries: QueryHandler;
  /** Default: no literal peers are served. */
  readonly literal?: LiteralHandler | undefined;
  readonly answers: AnswerHandler;
  readonly reporter: FailureReporter;
  readonly senders: Senders;
  readonly blocklist: Blocklist;
  readonly administration: WorkerAdministration;
  readonly metrics: PacketMetrics;
  /** See {@link PacketHandler.adopt}. */
  readonly adopt: (material: WorkerMaterial) => void;
  /** See {@link PacketHandler.adoptKeys}. */
  readonly adoptKeys: (keys: KeyMaterial) => void;
  /** Tells the other workers, which get other contexts' queries of the same source. */
  readonly failed: (names: readonly LimitName[]) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What became of a datagram, and what it was. */
interface Served {
  readonly kind: MessageKind;
  readonly verdict: Verdict;
}

/** One worker's packet path: every datagram gets a verdict, whatever it holds. */
export class PacketHandler {
  constructor(private readonly options: PacketHandlerOptions) {}

  get administration(): WorkerAdministration {
    return this.options.administration;
  }

  receive(received: ReceivedDatagram): Verdict {
    const { metrics } = this.options;
    const began = metrics.begin();
    const { kind, verdict } = this.serve(received);
    metrics.count(kind, began, verdict);
    return verdict;
  }

  /** Seals Kea's answer to the query that `handle` names. */
  send(handle: number, answer: Buffer): Sealed {
    const { metrics } = this.options;
    const began = metrics.begin();
    const sealed = this.seal(handle, answer);
    metrics.count('answer', began, sealed);
    return sealed;
  }

  /**
   * Puts new keys, certificates and CRLs in the place of the present ones, in one step. Contexts that were opened with
   * a key which is gone go too, and so do those of clients that nothing vouches for any more.
   */
  adopt(material: WorkerMaterial): void {
    this.options.adopt(material);
  }

  /** Encryption keys and keys of cookies as they are now; contexts to a key that has ended go with it. */
  adoptKeys(keys: KeyMaterial): void {
    this.options.adoptKeys(keys);
  }

  /** A sender has failed, here or with another worker. */
  countFailure(names: readonly LimitName[]): void {
    for (const { name, factor } of names) {
      this.options.blocklist.fail(name, this.options.now(), factor);
    }
  }

  private serve(received: ReceivedDatagram): Served {
    let datagram: Datagram | undefined;
    let task: Task | undefined;
    try {
      datagram = readDatagram(received, this.options.codePoints);
      task = this.taskFor(datagram);
      const verdict = task.run();
      requireSendable(verdict.octets.length);
      return { kind: task.kind, verdict };
    } catch (error) {
      const kind = task?.kind ?? datagram?.kind ?? 'other';
      return { kind, verdict: this.refuse(error, kind, datagram) };
    }
  }

  private taskFor(datagram: Datagram): Task {
    const { kind } = datagram;
    const { queries, requests, solicits, literal } = this.options;
    const isLiteral = literal?.takes(datagram) === true;
    switch (kind) {
      case 'query':
        return queries.taskFor(datagram);
      case 'request':
        this.requireSolution('A');
        return { kind, run: () => (isLiteral ? literal.request(datagram) : requests.handle(datagram)) };
      case 'solicit':
        this.requireSolution('B');
        return { kind, run: () => (isLiteral ? literal.solicit(datagram) : solicits.handle(datagram)) };
      case 'other':
        throw new ProtocolError(
          'unexpected-message-type',
          `message type ${String(datagram.nest.message[0])}`,
        );
    }
  }

  private requireSolution(solution: 'A' | 'B'): void {
    if (this.options.solution !== solution) {
      throw new EngineDrop('solution-mismatch', `a message of solution ${solution}`);
    }
  }

  /** Counts a failure against its source, and reports it where its sender is to hear of it. */
  private refuse(error: unknown, kind: MessageKind, datagram: Datagram | undefined): Verdict {
    const drop = dropOf(error);
    if (datagram === undefined || drop.reason === 'blocklisted' || drop.reason === 'rate-limited') {
      return drop;
    }
    const { reporter, blocklist, failed, now } = this.options;
    const names = limitNames(this.senderOf(datagram));
    const isBlocked = blocklist.isAnyBlocked(names, now());
    if (names.length > 0 && countsAgainstSource(drop.reason)) {
      this.countFailure(names);
      failed(names);
    }
    // docs/protocol.md 7: a query in an open context proves nothing that could fail.
    if (isBlocked || kind === 'query' || !(error instanceof Error)) {
      return drop;
    }
    try {
      return reporter.report(error, drop.reason, datagram) ?? drop;
    } catch {
      return drop;
    }
  }

  private senderOf(datagram: Datagram): Sender {
    try {
      return this.options.senders.senderOf(
        datagram,
        readCookie(this.options.codePoints, datagram.nest.message),
      );
    } catch {
      return { source: datagram.source, cookie: undefined };
    }
  }

  private seal(handle: number, answer: Buffer): Sealed {
    try {
      const sealed = this.options.answers.seal(handle, answer);
      requireSendable(sealed.octets.length);
      return sealed;
    } catch (error) {
      return dropOf(error);
    }
  }
}

function dropOf(error: unknown): Drop {
  const action = 'drop';
  if (error instanceof EngineDrop) {
    return { action, reason: error.code, text: briefText(error.message), pause: error.pause };
  }
  if (error instanceof ProtocolError) {
    return { action, reason: error.code, text: briefText(error.message) };
  }
  if (error instanceof DecodeError) {
    return { action, reason: 'malformed', text: briefText(error.message) };
  }
  if (error instanceof CryptoError && error.code === 'signing-failed') {
    return { action, reason: error.code, text: briefText(error.message) };
  }
  if (error instanceof KeyTableError) {
    return { action, reason: 'state-unavailable', text: briefText(error.message) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { action, reason: 'internal-error', text: text.slice(0, MAX_STACK_LENGTH) };
}
