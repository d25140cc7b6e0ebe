// SPDX-License-Identifier: MPL-2.0

import { DecodeError } from '../../dhcpv6';
import { type CodePoints, ProtocolError } from '../../protocol';
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
import type { AuthenticationHandler } from './authentication-handler';
import type { QueryHandler, Task } from './query-handler';
import type { WorkerAdministration } from './worker-administration';

/** Characters of an error of the engine's own, with where it was thrown. */
const MAX_STACK_LENGTH = 2000;

export interface PacketHandlerOptions {
  readonly codePoints: CodePoints;
  readonly solution: 'A' | 'B';
  readonly authentication: AuthenticationHandler;
  readonly queries: QueryHandler;
  readonly answers: AnswerHandler;
  readonly blocklist: Blocklist;
  readonly administration: WorkerAdministration;
  readonly metrics: PacketMetrics;
  /** See {@link PacketHandler.adopt}. */
  readonly adopt: (material: WorkerMaterial) => void;
  /** Tells the other workers, which get other contexts' queries of the same source. */
  readonly failed: (source: string) => void;
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

  /** A source has failed, here or with another worker. */
  countFailure(source: string): void {
    this.options.blocklist.fail(source, this.options.now());
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
      return { kind: task?.kind ?? datagram?.kind ?? 'other', verdict: this.refuse(error, datagram) };
    }
  }

  private taskFor(datagram: Datagram): Task {
    const { kind } = datagram;
    const { queries, authentication } = this.options;
    switch (kind) {
      case 'query':
        return queries.taskFor(datagram);
      case 'request':
        this.requireSolution('A');
        return { kind, run: () => authentication.request(datagram) };
      case 'solicit':
        this.requireSolution('B');
        return { kind, run: () => authentication.solicit(datagram) };
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
  private refuse(error: unknown, datagram: Datagram | undefined): Verdict {
    const drop = dropOf(error);
    if (datagram === undefined) {
      return drop;
    }
    const { authentication, blocklist, failed, now } = this.options;
    const { client } = datagram.source;
    const isBlocked = client !== undefined && blocklist.isBlocked(client, now());
    if (client !== undefined && countsAgainstSource(drop.reason)) {
      this.countFailure(client);
      failed(client);
    }
    if (isBlocked || datagram.kind === 'query' || !(error instanceof Error)) {
      return drop;
    }
    try {
      return authentication.report(error, drop.reason, datagram) ?? drop;
    } catch {
      return drop;
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
  if (error instanceof ProtocolError || error instanceof EngineDrop) {
    return { action, reason: error.code, text: briefText(error.message) };
  }
  if (error instanceof DecodeError) {
    return { action, reason: 'malformed', text: briefText(error.message) };
  }
  if (error instanceof KeyTableError) {
    return { action, reason: 'state-unavailable', text: briefText(error.message) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { action, reason: 'internal-error', text: text.slice(0, MAX_STACK_LENGTH) };
}
