// SPDX-License-Identifier: MPL-2.0

import { type KemPrivateKey, kemById } from '../../crypto';
import { type DhcpOption, type Message, MessageType } from '../../dhcpv6';
import {
  encodeSolicit,
  openSignedResponse,
  ProtocolError,
  requestDigest,
  type SignedAnswer,
  type Signer,
  UNLIMITED_LIFETIME,
} from '../../protocol';
import { elapsedTime } from '../exchange/elapsed-time';
import type { Arrival } from '../exchange/inbox';
import { isRapidReply } from '../exchange/offer';
import type { ClientContext } from './client-context';
import {
  decodeInquiryAnswer,
  type InquiryAnswer,
  keepCookie,
  type KeyInquiry,
  readInquiryReport,
  RequestedKems,
  TimeMending,
} from './key-inquiry';

/** What a solution B Solicit is made of besides the options of the proof. */
export interface SolicitContents {
  /** The client's own, or a fresh bare key. */
  readonly signer: Signer;
  /** Nothing in them may identify the client (docs/protocol.md 3). */
  readonly options: readonly DhcpOption[];
  /** Whether the offer that comes back is one to take; else it only tells the server's key. */
  readonly wantsOffer: boolean;
}

/** Solution B, first half (docs/protocol.md 5.2): signed Solicits, each answered by a signed and encrypted Advertise or Reply. */
export class SignedSolicits implements KeyInquiry {
  readonly timeMending = new TimeMending();
  private readonly transactionIds = new Set<number>();
  /** By the digest of a Solicit, the key that its answer is encrypted to. */
  private readonly keys = new Map<string, KemPrivateKey>();
  private readonly kems: RequestedKems;
  private own: KemPrivateKey;

  constructor(
    private readonly context: ClientContext,
    private readonly contents: SolicitContents,
  ) {
    this.kems = new RequestedKems(context.kemList);
    this.own = this.freshKey();
  }

  build(transactionId: number, elapsed: number, cookie: Buffer | undefined): Buffer {
    const { codePoints, timestamps } = this.context;
    const { signer, options } = this.contents;
    const { kemId, octets: publicKey } = this.own.public;
    this.transactionIds.add(transactionId);
    const octets = encodeSolicit(
      codePoints,
      {
        transactionId,
        kemList: this.kems.list,
        cookie,
        encryptionKey: { kemId, lifetime: UNLIMITED_LIFETIME, publicKey },
        options: [elapsedTime(elapsed), ...options],
      },
      { signer, timestamp: timestamps.next() },
    );
    this.keys.set(requestDigest(octets).toString('latin1'), this.own);
    return octets;
  }

  read(arrival: Arrival): InquiryAnswer | undefined {
    const { octets, way } = arrival;
    const answer = decodeInquiryAnswer(this.context, 'encrypted-response', this.transactionIds, arrival);
    if (answer === undefined || answer.kind === 'retry') {
      return answer;
    }
    const digest = answer.requestDigest?.toString('latin1') ?? '';
    const own = this.keys.get(digest);
    if (own === undefined) {
      throw new ProtocolError('authentication-fail', "an answer to a Solicit that is not this client's");
    }
    const read =
      answer.kind === 'report'
        ? readInquiryReport(this.context, this, answer, [...this.keys.keys()].at(-1) === digest)
        : this.readResponse(answer, octets, own);
    keepCookie(this.context, way, answer);
    return read;
  }

  useMandatoryKem(): boolean {
    const isOther = this.kems.useMandatory();
    if (isOther) {
      this.own = this.freshKey();
    }
    return isOther;
  }

  close(): void {
    this.own.erase();
    for (const key of this.keys.values()) {
      key.erase();
    }
  }

  private readResponse(answer: SignedAnswer, octets: Buffer, own: KemPrivateKey): InquiryAnswer {
    const { codePoints, verifier } = this.context;
    const { signer, wantsOffer } = this.contents;
    const announced = verifier.verify(answer, this.kems.expected(answer));
    const keys = { own, clientKeyId: signer.key.public.keyId, serverKeyId: announced.server.key.keyId };
    const { message } = openSignedResponse(codePoints, octets, keys, answer.serverIdentifier);
    requireOffer(message);
    if (!announced.isNew) {
      verifier.keep(announced.server);
    }
    return { kind: 'announced', announced, offer: wantsOffer ? message : undefined };
  }

  private freshKey(): KemPrivateKey {
    const { environment } = this.context;
    const [kemId = 0] = this.kems.list;
    return kemById(kemId).generateKeyPair((length) => environment.randomOctets(length));
  }
}

/** RFC 8415 section 18.2.1. */
function requireOffer(message: Message): void {
  if (message.msgType === MessageType.Reply && !isRapidReply(message)) {
    throw new ProtocolError('inner-message-type', 'a Reply to a Solicit without Rapid Commit');
  }
}
