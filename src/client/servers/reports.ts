// SPDX-License-Identifier: MPL-2.0

import { unixMillisecondsFromNtp } from '../../crypto';
import { type CodePoints, ProtocolError, type SignedAnswer } from '../../protocol';
import type { ClientContext } from './client-context';
import type { AuthenticatedServer } from './server-verifier';

/** The failures that a server reports, by their status codes (docs/protocol.md 7). */
const reported = [
  'algorithm-not-supported',
  'authentication-fail',
  'timestamp-fail',
  'signature-fail',
] as const;

/** What failed in a message of this client, as a server says (docs/protocol.md 7). */
export interface Failure {
  readonly server: AuthenticatedServer;
  readonly kind: (typeof reported)[number] | 'other';
  /** For people: which server refused what. */
  readonly text: string;
}

/**
 * The failure that a report tells, once it has verified as a server's. That it is about a message of this client's own
 * is for the caller to check.
 * @param isOfLast whether it is about the message that was sent last (docs/protocol.md 5.1)
 * @throws ProtocolError
 */
export function readReport(
  { codePoints, verifier }: Pick<ClientContext, 'codePoints' | 'verifier'>,
  report: SignedAnswer,
  isOfLast: boolean,
): Failure {
  const kind = kindOf(codePoints, report);
  if (kind === 'timestamp-fail' && !isOfLast) {
    // Where a message goes two ways, the later timestamp may come first.
    throw new ProtocolError('timestamp-fail', 'a report on another message than the last');
  }
  const server = verifier.identify(report, kind === 'timestamp-fail');
  const { status } = report;
  const why = {
    'algorithm-not-supported': 'it does not support the algorithm of our key, signature or encryption key',
    'authentication-fail': 'it does not accept our credential',
    'timestamp-fail': `it refuses our timestamp: its clock says ${clockText(report)}`,
    'signature-fail': 'it could not verify our signature',
    other: `status code ${String(status?.code)}`,
  }[kind];
  const detail = status === undefined || status.message === '' ? '' : ` (${status.message})`;
  return { server, kind, text: `the server ${server.name} refused this client: ${why}${detail}` };
}

function kindOf({ statusCodes }: CodePoints, { status }: SignedAnswer): Failure['kind'] {
  return reported.find((name) => statusCodes[name] === status?.code) ?? 'other';
}

function clockText({ timestamp }: SignedAnswer): string {
  return new Date(unixMillisecondsFromNtp(timestamp)).toISOString();
}
