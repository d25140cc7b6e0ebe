// SPDX-License-Identifier: MPL-2.0

import type { RecipientPublicKey } from '../../crypto';
import { DecodeError, type Message } from '../../dhcpv6';
import { ProtocolError } from '../../protocol';
import type { LinkContext } from './link-context';
import type { Way } from './transport';
import { type RetransmissionParameters, RetransmissionSchedule } from './retransmission';

/** The message of an exchange, as it is at a transmission. */
export type MessageBuilder = (transactionId: number, elapsedMilliseconds: number) => Message;

/** An answer's value; undefined if the message is no answer, so that the wait continues. */
export type AnswerReader<Answer> = (message: Message) => Answer | undefined;

/**
 * What an answer is worth where several servers are asked: a final one ends the wait at once, a good one when the time-out
 * ends or all have answered, a poor one grants nothing and counts if no other has come by then (docs/protocol.md 5.1).
 */
export type AnswerRating = 'final' | 'good' | 'poor';

/** A message and its retransmissions, and what answers them. */
export interface Transaction<Answer> {
  readonly parameters: RetransmissionParameters;
  readonly build: MessageBuilder;
  readonly read: AnswerReader<Answer>;
  rate(answer: Answer): AnswerRating;
  /** Whether each transmission goes one way only, plain or wrapped (docs/protocol.md 5.3). */
  readonly goesOneWay: boolean;
}

/** Who answers an exchange. */
export interface PeerIdentity {
  /** Its DUID. */
  readonly serverIdentifier: Buffer;
  /** For people: the subject of its certificate, if it has authenticated itself. */
  readonly name: string;
  /** Undefined if it has not authenticated itself: the exchange is in clear. */
  readonly key: RecipientPublicKey | undefined;
}

/** What a lease keeps of how it came. */
export interface AnswerNotes {
  readonly way?: Way;
  /** Milliseconds since 1970 by the time of servers, where this machine has no clock of its own. */
  readonly serverTime?: number;
}

/** The other side of RFC 8415's exchanges, encrypted or in clear. */
export interface ExchangePeer {
  /** Undefined if the exchange is with any server of the link. */
  readonly identity: PeerIdentity | undefined;
  /** Why messages that arrived in the last exchange were no answers. */
  readonly ignored: IgnoredAnswers;
  /** The status code of IdentityRefused (docs/protocol.md 8); undefined in clear. */
  readonly identityRefused: number | undefined;
  /** How the answers of the last exchange came. */
  readonly notes: AnswerNotes;
  /** Who sent a message that arrived in an exchange; undefined if it is not this peer. */
  senderOf(message: Message): PeerIdentity | undefined;
  /** The same with one server alone, which has answered. */
  only(server: PeerIdentity): ExchangePeer;
  /**
   * One exchange with retransmission (RFC 8415 section 15).
   * @returns the best answer first; none when the parameters allow no more transmission, or the attempt is over
   */
  exchange<Answer>(transaction: Transaction<Answer>): Promise<Answer[]>;
}

/** Reasons that are kept of each kind: a flood of answers must not fill memory, or the message to the user. */
export const MAX_TEXTS = 4;

/** Why messages were refused, each reason once; shown to the user if there is no answer. */
export class IgnoredAnswers {
  private readonly reasons = new Set<string>();

  get texts(): ReadonlySet<string> {
    return this.reasons;
  }

  add(reason: string): void {
    if (this.reasons.size < MAX_TEXTS) {
      this.reasons.add(reason);
    }
  }

  clear(): void {
    this.reasons.clear();
  }
}

/** The refused answers, to follow a sentence that says that there was no answer. */
export function ignoredText({ texts }: IgnoredAnswers): string {
  return texts.size === 0 ? '' : ` (answers were refused: ${[...texts].join('; ')})`;
}

/** How the messages of an exchange become datagrams and back. */
export interface Carriage {
  readonly ignored: IgnoredAnswers;
  seal(message: Message): Buffer;
  /** @throws ProtocolError, DecodeError if the octets are no answer to the transaction */
  open(octets: Buffer, transactionId: number): Message;
}

/** An exchange that the first answer ends, over a carriage. */
export async function exchangeOver<Answer>(
  context: LinkContext,
  carriage: Carriage,
  { parameters, build, read }: Transaction<Answer>,
): Promise<Answer | undefined> {
  const { attempt, environment, inbox, transport } = context;
  const schedule = new RetransmissionSchedule(parameters, () => environment.random());
  const transactionId = environment.transactionId();
  const began = environment.monotonic();
  inbox.clear();
  carriage.ignored.clear();
  while (schedule.remaining !== 0 && !attempt.isOver()) {
    const elapsed = environment.monotonic() - began;
    const wait = schedule.next(elapsed);
    if (wait === undefined || attempt.isOver()) {
      return undefined;
    }
    transport.send(carriage.seal(build(transactionId, elapsed)));
    const until = attempt.bounded(environment.monotonic() + wait);
    const answer = await awaitAnswer(context, carriage, transactionId, until, read);
    if (answer !== undefined) {
      return answer;
    }
  }
  return undefined;
}

async function awaitAnswer<Answer>(
  { inbox, notice }: LinkContext,
  carriage: Carriage,
  transactionId: number,
  until: number,
  read: AnswerReader<Answer>,
): Promise<Answer | undefined> {
  for (;;) {
    const arrival = await inbox.next(until);
    if (arrival === undefined) {
      return undefined;
    }
    try {
      const answer = read(carriage.open(arrival.octets, transactionId));
      if (answer !== undefined) {
        return answer;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof DecodeError)) {
        throw error;
      }
      carriage.ignored.add(error.message);
      notice(`an answer is ignored: ${error.message}`);
    }
  }
}
