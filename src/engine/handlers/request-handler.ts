// SPDX-License-Identifier: MPL-2.0

import { relayReplyLength } from '../../dhcpv6';
import {
  chosenKem,
  type ClientRequest,
  type CodePoints,
  decodeEncryptedRequest,
  type MessageProof,
} from '../../protocol';
import type { Admission } from '../admission/admission';
import type { RateLimiter } from '../admission/rate-limiter';
import type { Authenticator } from '../clients/authenticator';
import { type Datagram, requireSendable } from '../packet/datagram';
import type { Reply } from '../packet/verdict';
import type { Announcer } from './announcer';
import { mayBeSent, type Received, reply, retry } from './answer-bound';
import type { LiteralQueries } from './literal-queries';
import { messageProof } from './message-proof';
import type { Senders } from './senders';

export interface RequestHandlerOptions {
  readonly codePoints: CodePoints;
  readonly announcer: Announcer;
  /** kem_ids that the server offers. */
  readonly offered: readonly number[];
  readonly senders: Senders;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  /** Default: no literal peers are served. */
  readonly literal?: LiteralQueries | undefined;
  /** Requests that prove nothing, and are answered without a verified cookie. */
  readonly announcements: RateLimiter;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Encrypted-Request (solution A, docs/protocol.md 3, 5.1): answered by the announcement, whoever asks. */
export class RequestHandler {
  constructor(private readonly options: RequestHandlerOptions) {}

  /**
   * @throws DecodeError
   * @throws ProtocolError
   * @throws EngineDrop `answer-too-long`, `amplification`, `blocklisted`, `rate-limited`
   * @throws KeyTableError where the sender shows its credential
   */
  handle(datagram: Datagram): Reply {
    const { codePoints, announcer, offered, senders } = this.options;
    const request = decodeEncryptedRequest(codePoints, datagram.nest.message);
    const received = senders.receive(datagram, request);
    const kemId = chosenKem(request.kemList, offered);
    const length = announcer.announcementLength(kemId);
    requireSendable(relayReplyLength(datagram.nest.levels, length));
    if (!mayBeSent(received, length)) {
      return retry(received, announcer, 'the answer is more than three times as long as the request');
    }
    const { proof } = request;
    // docs/protocol.md 5.2: nothing is recorded of a bare key where the mode wants a certificate.
    if (
      proof !== undefined &&
      !(datagram.mode === 'authenticated' && proof.credential.kind === 'public-key')
    ) {
      const text = this.record(request, proof, received);
      return reply(received, announcer.announcement(kemId, received.addressee), text);
    }
    const { announcements, now } = this.options;
    // docs/protocol.md 7: requests with a verified cookie and Retries are outside of the bound.
    if (received.sender.cookie === undefined && !announcements.take([], now())) {
      return retry(received, announcer, 'too many requests without a cookie');
    }
    return reply(received, announcer.announcement(kemId, received.addressee), 'asks for the key');
  }

  private record(request: ClientRequest, proof: MessageProof, { datagram, sender }: Received): string {
    const { codePoints, admission, authenticator, literal } = this.options;
    authenticator.requireFresh(proof.timestamp);
    const permit = admission.enter(sender);
    const signed = messageProof(codePoints, request, proof);
    const client = authenticator.authenticate(proof.credential, signed, permit);
    literal?.authenticated(datagram.source, client);
    return client.identity.text;
  }
}
