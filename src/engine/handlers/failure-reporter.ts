// SPDX-License-Identifier: MPL-2.0

import { type CodePoints, ProtocolError, type ProtocolErrorCode, type ReportedStatus } from '../../protocol';
import { briefText } from '../packet/brief-text';
import { EngineDrop } from '../packet/drop-reasons';
import type { PacketSource } from '../packet/packet-source';
import type { RateLimiter } from '../admission/rate-limiter';

type StatusName = keyof CodePoints['statusCodes'];

/** docs/protocol.md 7: the failures that are reported, and under which status code. */
const statusNames: ReadonlyMap<ProtocolErrorCode, StatusName> = new Map([
  ['algorithm-not-supported', 'algorithm-not-supported'],
  ['credential-invalid', 'authentication-fail'],
  ['authentication-fail', 'authentication-fail'],
  ['timestamp-fail', 'timestamp-fail'],
  ['signature-fail', 'signature-fail'],
]);

/** Decides whether a failure is reported to its sender: only some are, and only so often. */
export class FailureReporter {
  constructor(
    private readonly codePoints: CodePoints,
    private readonly limiter: RateLimiter,
    private readonly now: () => number,
  ) {}

  statusFor(error: Error, { client, link }: PacketSource): ReportedStatus | undefined {
    const name = statusName(error);
    if (name === undefined || !this.limiter.take(client ?? link, this.now())) {
      return undefined;
    }
    return { code: this.codePoints.statusCodes[name], message: briefText(error.message) };
  }
}

function statusName(error: Error): StatusName | undefined {
  if (error instanceof ProtocolError) {
    return statusNames.get(error.code);
  }
  return error instanceof EngineDrop && error.code === 'mode-refused' ? 'authentication-fail' : undefined;
}
