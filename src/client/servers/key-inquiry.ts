// SPDX-License-Identifier: MPL-2.0

import type { Message } from '../../dhcpv6';
import { chosenKem, decodeServerAnswer, KemId, type SignedAnswer } from '../../protocol';
import type { Arrival } from '../exchange/inbox';
import type { Way } from '../exchange/transport';
import type { ClientContext } from './client-context';
import { type Failure, readReport } from './reports';
import type { Announced } from './server-verifier';

/** What a server answers who was asked for its key. */
export type InquiryAnswer =
  | {
      readonly kind: 'announced';
      readonly announced: Announced;
      /** What it offers already, in solution B to a client that shows its credential. */
      readonly offer: Message | undefined;
    }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly isMended: boolean }
  | { readonly kind: 'retry'; readonly serverIdentifier: Buffer; readonly cookie: Buffer };

/**
 * How a client asks servers for their keys in one exchange: by Encrypted-Requests, or by Solicits of solution B
 * (docs/protocol.md 3).
 */
export interface KeyInquiry {
  /** The message, made anew for each transmission: new timestamp, new signature (docs/protocol.md 6). */
  build(transactionId: number, elapsedMilliseconds: number, cookie: Buffer | undefined): Buffer;
  /**
   * Undefined if it answers no message of this inquiry. Keeps the cookie.
   * @throws ProtocolError, DecodeError if it is refused
   */
  read(arrival: Arrival): InquiryAnswer | undefined;
  /** Asks for X25519 alone from now on. @returns whether it asked for another before */
  useMandatoryKem(): boolean;
  readonly timeMending: TimeMending;
  /** Erases the keys of this exchange. */
  close(): void;
}

/** The KEMs that an inquiry asks for: the user's, or X25519 alone once a server has refused them. */
export class RequestedKems {
  private current: readonly number[];
  private readonly asked: (readonly number[])[];

  constructor(kemList: readonly number[]) {
    this.current = kemList;
    this.asked = [kemList];
  }

  get list(): readonly number[] {
    return this.current;
  }

  useMandatory(): boolean {
    const isOther = this.current.length !== 1 || this.current[0] !== KemId.X25519;
    if (isOther) {
      this.current = [KemId.X25519];
      this.asked.push(this.current);
    }
    return isOther;
  }

  /** The KEM to which a list that was sent and the server's own lead (docs/protocol.md 3). */
  expected({ kemList, encryptionKey }: SignedAnswer): number {
    const led = this.asked.map((list) => chosenKem(list, kemList));
    return led.find((kemId) => kemId === encryptionKey.kemId) ?? chosenKem(this.current, kemList);
  }
}

/**
 * What a client does about a TimestampFail, once: it takes the server's time, if it may, or sends anew where the two clocks
 * agree, since its message came late then (docs/protocol.md 5.1).
 */
export class TimeMending {
  private isUsed = false;

  /** @param report its time has been taken, if it may be */
  canMend({ verifier }: ClientContext, report: SignedAnswer): boolean {
    const isFirst = !this.isUsed;
    this.isUsed = true;
    return isFirst && verifier.isNear(report.timestamp);
  }
}

/** What a server answers to one of an inquiry's messages; undefined where it answers none. The cookie of a Retry is kept. */
export function decodeInquiryAnswer(
  context: ClientContext,
  msgType: 'encrypted-reply' | 'encrypted-response',
  transactionIds: ReadonlySet<number>,
  { octets, way }: Arrival,
): ReturnType<typeof decodeServerAnswer> | undefined {
  const { codePoints } = context;
  if (
    octets.length < 4 ||
    octets[0] !== codePoints.messageTypes[msgType] ||
    !transactionIds.has(octets.readUIntBE(1, 3))
  ) {
    return undefined;
  }
  const answer = decodeServerAnswer(codePoints, msgType, octets);
  if (answer.kind === 'retry') {
    keepCookie(context, way, answer);
  }
  return answer;
}

/** A report about an inquiry: what can be mended is (docs/protocol.md 5.1). @throws ProtocolError */
export function readInquiryReport(
  context: ClientContext,
  inquiry: KeyInquiry,
  report: SignedAnswer,
  isOfLast: boolean,
): InquiryAnswer {
  const failure = readReport(context, report, isOfLast);
  const isMended =
    failure.kind === 'algorithm-not-supported'
      ? inquiry.useMandatoryKem()
      : failure.kind === 'timestamp-fail' && inquiry.timeMending.canMend(context, report);
  return { kind: 'failure', failure, isMended };
}

/** Keeps the cookie that came with an answer. */
export function keepCookie(
  { memory }: ClientContext,
  way: Way,
  answer: { readonly serverIdentifier: Buffer; readonly cookie: Buffer | undefined },
): void {
  memory.keepCookie(way, answer.serverIdentifier, answer.cookie);
}
