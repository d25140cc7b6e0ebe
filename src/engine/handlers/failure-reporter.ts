// SPDX-License-Identifier: MPL-2.0

import { relayReplyLength } from '../../dhcpv6';
import {
  chosenKem,
  type CodePoints,
  decodeEncryptedQuery,
  decodeEncryptedRequest,
  decodeSolicit,
  kemForQuery,
  ProtocolError,
  type ProtocolErrorCode,
  requestDigest,
} from '../../protocol';
import { limitNames, type Sender } from '../admission/limit-names';
import type { RateLimiter } from '../admission/rate-limiter';
import { briefText } from '../packet/brief-text';
import { type Datagram, requireSendable } from '../packet/datagram';
import { type DropReason, EngineDrop } from '../packet/drop-reasons';
import type { Reply } from '../packet/verdict';
import type { Announcer } from './announcer';
import { mayBeSent, type Received, reply, retry } from './answer-bound';
import type { LiteralHandler } from './literal-handler';
import type { Senders } from './senders';

type StatusName = keyof CodePoints['statusCodes'];

/** docs/protocol.md 7: the failures that are reported, and under which status code. */
const statusNames: ReadonlyMap<ProtocolErrorCode | 'mode-refused', StatusName> = new Map<
  ProtocolErrorCode | 'mode-refused',
  StatusName
>([
  ['algorithm-not-supported', 'algorithm-not-supported'],
  ['encryption-key-unusable', 'algorithm-not-supported'],
  ['credential-invalid', 'authentication-fail'],
  ['authentication-fail', 'authentication-fail'],
  ['key-unknown', 'authentication-fail'],
  ['key-identifier-mismatch', 'authentication-fail'],
  ['mode-refused', 'authentication-fail'],
  ['timestamp-fail', 'timestamp-fail'],
  ['signature-fail', 'signature-fail'],
]);

export interface FailureReporterOptions {
  readonly codePoints: CodePoints;
  readonly announcer: Announcer;
  /** kem_ids that the server offers. */
  readonly offered: readonly number[];
  readonly senders: Senders;
  /** Default: no literal peers are served. */
  readonly literal?: LiteralHandler | undefined;
  readonly limiter: RateLimiter;
  /** AlgorithmNotSupported is reported all the same (docs/protocol.md 7). */
  readonly reportsFailures: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Tells clients why their messages have failed, bound to the message and signed: only some failures, and only so often. */
export class FailureReporter {
  constructor(private readonly options: FailureReporterOptions) {}

  /**
   * Undefined where this failure is not reported, or not so often.
   *
   * @throws EngineDrop `answer-too-long`, `amplification`
   */
  report(error: Error, reason: DropReason, datagram: Datagram): Reply | undefined {
    const { codePoints, announcer, literal, reportsFailures } = this.options;
    const name = statusName(error);
    if (name === undefined || (!reportsFailures && name !== 'algorithm-not-supported')) {
      return undefined;
    }
    const status = { code: codePoints.statusCodes[name], message: reportTexts[name] };
    const text = briefText(`refused: ${error.message}`);
    if (literal?.takes(datagram) === true) {
      const isAllowed = this.isAllowed({ source: datagram.source, cookie: undefined });
      return isAllowed ? { ...literal.report(datagram, status, text), reason } : undefined;
    }
    const { kemId, received } = this.read(datagram);
    const length = announcer.reportLength(kemId, status);
    requireSendable(relayReplyLength(datagram.nest.levels, length));
    if (!mayBeSent(received, length)) {
      return { ...retry(received, announcer, text), reason };
    }
    if (!this.isAllowed(received.sender)) {
      return undefined;
    }
    const octets = announcer.report(kemId, received.addressee, status, requestDigest(datagram.nest.message));
    return { ...reply(received, octets, text), reason };
  }

  private isAllowed(sender: Sender): boolean {
    const { limiter, now } = this.options;
    const names = limitNames(sender);
    return limiter.take(names.length > 0 ? names : [{ name: sender.source.link, factor: 1 }], now());
  }

  /** Of which KEM the key in the report is, and whom it goes to. */
  private read(datagram: Datagram): { readonly kemId: number; readonly received: Received } {
    const { codePoints, offered, senders } = this.options;
    const { message } = datagram.nest;
    if (datagram.kind === 'query') {
      const query = decodeEncryptedQuery(codePoints, message);
      return {
        kemId: kemForQuery(query.envelope.kemId, offered),
        received: senders.receive(datagram, query),
      };
    }
    const request =
      datagram.kind === 'solicit'
        ? decodeSolicit(codePoints, message)
        : decodeEncryptedRequest(codePoints, message);
    return { kemId: chosenKem(request.kemList, offered), received: senders.receive(datagram, request) };
  }
}

/**
 * What a failure is called on the link (docs/protocol.md 7). A report goes in clear: what came encrypted, a certificate's
 * names above all, is not to be in it, nor what the server knows and its log has.
 */
const reportTexts: Readonly<Record<StatusName, string>> = {
  'algorithm-not-supported': 'an algorithm or key that is not supported',
  'authentication-fail': 'the credential is refused, or not known',
  'timestamp-fail': 'the timestamp is refused',
  'signature-fail': 'the signature does not verify',
  'identity-refused': 'the identity is refused',
};

function statusName(error: Error): StatusName | undefined {
  if (error instanceof ProtocolError) {
    return statusNames.get(error.code);
  }
  return error instanceof EngineDrop && error.code === 'mode-refused'
    ? statusNames.get(error.code)
    : undefined;
}
