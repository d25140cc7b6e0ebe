// SPDX-License-Identifier: MPL-2.0

import { encodeEncryptedRequest, ProtocolError, requestDigest, type Shown } from '../../protocol';
import type { Arrival } from '../exchange/inbox';
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

/** Solution A, first half (docs/protocol.md 5.1): Encrypted-Requests, each answered by the server's announcement. */
export class EncryptedRequests implements KeyInquiry {
  readonly timeMending = new TimeMending();
  private readonly transactionIds = new Set<number>();
  /** Digests of requests that show the credential: reports name them. */
  private readonly digests = new Set<string>();
  private readonly kems: RequestedKems;

  constructor(private readonly context: ClientContext) {
    this.kems = new RequestedKems(context.kemList);
  }

  build(transactionId: number, _elapsed: number, cookie: Buffer | undefined): Buffer {
    const { codePoints } = this.context;
    this.transactionIds.add(transactionId);
    const request = { transactionId, kemList: this.kems.list, cookie };
    const shown = this.shown();
    const octets = encodeEncryptedRequest(codePoints, request, shown);
    if (shown !== undefined) {
      this.digests.add(requestDigest(octets).toString('latin1'));
    }
    return octets;
  }

  read(arrival: Arrival): InquiryAnswer | undefined {
    const { verifier } = this.context;
    const { way } = arrival;
    const answer = decodeInquiryAnswer(this.context, 'encrypted-reply', this.transactionIds, arrival);
    if (answer === undefined || answer.kind === 'retry') {
      return answer;
    }
    if (answer.kind === 'report') {
      const digest = answer.requestDigest?.toString('latin1') ?? '';
      if (!this.digests.has(digest)) {
        throw new ProtocolError('authentication-fail', "a report on a message that is not this client's");
      }
      const read = readInquiryReport(this.context, this, answer, [...this.digests].at(-1) === digest);
      keepCookie(this.context, way, answer);
      return read;
    }
    const announced = verifier.verify(answer, this.kems.expected(answer));
    if (!announced.isNew) {
      verifier.keep(announced.server);
    }
    keepCookie(this.context, way, answer);
    return { kind: 'announced', announced, offer: undefined };
  }

  useMandatoryKem(): boolean {
    return this.kems.useMandatory();
  }

  close(): void {
    // A request carries no key.
  }

  private shown(): Shown | undefined {
    const { showsCredential, signer, timestamps } = this.context;
    return showsCredential ? { signer, timestamp: timestamps.next() } : undefined;
  }
}
