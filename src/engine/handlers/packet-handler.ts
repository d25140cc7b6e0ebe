// SPDX-License-Identifier: MPL-2.0

import { DecodeError, MessageType, type RelayNest, unwrapRelay } from '../../dhcpv6';
import { type CodePoints, ProtocolError } from '../../protocol';
import type { AnswerHandler } from './answer-handler';
import type { AuthenticationHandler } from './authentication-handler';
import type { Admission } from '../admission/admission';
import type { Blocklist } from '../admission/blocklist';
import { briefText } from '../packet/brief-text';
import { countsAgainstSource } from '../packet/counted-failures';
import { requireSendable } from '../packet/datagram-length';
import { type DropReason, EngineDrop } from '../packet/drop-reasons';
import { KeyTableError } from '../key-table';
import type { PacketKind, PacketMetrics } from '../metrics/packet-metrics';
import { packetSource, type PacketSource } from '../packet/packet-source';
import type { QueryHandler } from './query-handler';
import type { Drop, ReceivedPacket, Sealed, Verdict } from '../packet/verdict';
import type { WorkerAdministration } from './worker-administration';
import type { WorkerMaterial } from '../clients/server-material';

/** Characters of an error of the engine's own, with where it was thrown. */
const longestStack = 2000;

interface Failure {
  readonly reason: DropReason;
  readonly text: string;
}

function failureOf(error: unknown): Failure {
  if (error instanceof ProtocolError || error instanceof EngineDrop) {
    return { reason: error.code, text: briefText(error.message) };
  }
  if (error instanceof DecodeError) {
    return { reason: 'malformed', text: briefText(error.message) };
  }
  if (error instanceof KeyTableError) {
    return { reason: 'state-unavailable', text: briefText(error.message) };
  }
  return {
    reason: 'internal-error',
    text: (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, longestStack),
  };
}

/** What a relay agent or a client sends along may make the answer longer than its datagram was. */
function sendable<Result extends Verdict | Sealed>(result: Result): Result | Drop {
  if (result.action === 'drop') {
    return result;
  }
  try {
    requireSendable(result.octets.length);
    return result;
  } catch (error) {
    return { action: 'drop', ...failureOf(error) };
  }
}

/** Only servers send Relay-replies: no answer could be wrapped for one, and so nothing in it is looked at. */
function unwrapForwarded(octets: Buffer): RelayNest {
  const nest = unwrapRelay(octets);
  if (nest.levels[0]?.msgType === MessageType.RelayReply) {
    throw new ProtocolError('malformed', 'a Relay-reply');
  }
  return nest;
}

/** What a message turned out to be. */
interface Judged {
  kind: PacketKind;
}

/** One worker's packet path: every datagram gets a verdict, whatever it holds. */
export class PacketHandler {
  constructor(
    private readonly codePoints: CodePoints,
    private readonly solution: 'A' | 'B',
    private readonly authentication: AuthenticationHandler,
    private readonly queries: QueryHandler,
    private readonly answers: AnswerHandler,
    private readonly blocklist: Blocklist,
    private readonly admission: Admission,
    private readonly adoptMaterial: (material: WorkerMaterial) => void,
    private readonly now: () => number,
    readonly administration: WorkerAdministration,
    private readonly metrics: PacketMetrics,
    /** Tells the other workers, which get other contexts' queries of the same source. */
    private readonly failed: (source: string) => void,
  ) {}

  receive(packet: ReceivedPacket): Verdict {
    const began = this.metrics.begin();
    const judged: Judged = { kind: 'other' };
    const verdict = sendable(this.judge(packet, judged));
    this.metrics.received(judged.kind, began, verdict);
    return verdict;
  }

  private judge(packet: ReceivedPacket, judged: Judged): Verdict {
    let nest: RelayNest;
    try {
      nest = unwrapForwarded(packet.octets);
    } catch (error) {
      return { action: 'drop', ...failureOf(error) };
    }
    const source = packetSource(nest, packet.interfaceIndex, packet.source);
    try {
      return this.dispatch(packet, nest, source, judged);
    } catch (error) {
      return this.refuse(error, nest, source);
    }
  }

  /**
   * Puts new keys, certificates and CRLs in the place of the present ones, in one step. Contexts that were opened with
   * a key which is gone go too, and so do those of clients that nothing vouches for any more.
   */
  adopt(material: WorkerMaterial): void {
    this.adoptMaterial(material);
  }

  /** A source has failed, here or with another worker. */
  countFailure(source: string): void {
    this.blocklist.fail(source, this.now());
  }

  /** Seals Kea's answer to the query that `handle` names. */
  send(handle: number, answer: Buffer): Sealed {
    const began = this.metrics.begin();
    const sealed = sendable(this.seal(handle, answer));
    this.metrics.answered(began, sealed);
    return sealed;
  }

  private seal(handle: number, answer: Buffer): Sealed {
    try {
      return this.answers.seal(handle, answer);
    } catch (error) {
      return { action: 'drop', ...failureOf(error) };
    }
  }

  private dispatch(received: ReceivedPacket, nest: RelayNest, source: PacketSource, judged: Judged): Verdict {
    const { messageTypes } = this.codePoints;
    const packet = {
      nest,
      source,
      mode: received.mode,
      admit: () => this.admission.enter(source),
    };
    switch (nest.message[0]) {
      case messageTypes['encrypted-query']:
        judged.kind = 'query';
        return this.queries.handle({
          ...packet,
          admit: () => {
            judged.kind = 'opening-query';
            return packet.admit();
          },
        });
      case messageTypes['encrypted-request']:
        judged.kind = 'request';
        this.requireSolution('A');
        return this.authentication.encryptedRequest(packet);
      case MessageType.Solicit:
        judged.kind = 'solicit';
        this.requireSolution('B');
        return this.authentication.solicit(packet);
      default:
        throw new ProtocolError('unexpected-message-type', `message type ${String(nest.message[0])}`);
    }
  }

  private requireSolution(solution: 'A' | 'B'): void {
    if (this.solution !== solution) {
      throw new EngineDrop('solution-mismatch', `a message of solution ${solution}`);
    }
  }

  private refuse(error: unknown, nest: RelayNest, source: PacketSource): Verdict {
    const failure = failureOf(error);
    const isBlocked = source.client !== undefined && this.blocklist.isBlocked(source.client, this.now());
    if (countsAgainstSource(failure.reason) && source.client !== undefined) {
      this.countFailure(source.client);
      this.failed(source.client);
    }
    const dropped: Verdict = { action: 'drop', ...failure };
    const authenticating = nest.message[0] !== this.codePoints.messageTypes['encrypted-query'];
    if (isBlocked || !authenticating || !(error instanceof Error)) {
      return dropped;
    }
    try {
      return this.authentication.report(error, failure.reason, nest, source) ?? dropped;
    } catch {
      return dropped;
    }
  }
}
