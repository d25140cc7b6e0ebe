// SPDX-License-Identifier: MPL-2.0

import { StatusCode } from '../../dhcpv6';
import {
  decodeEncryptedReply,
  encodeEncryptedRequest,
  type EncryptedReply,
  type ReportedStatus,
} from '../../protocol';
import type { ClientContext } from './client-context';
import {
  discover,
  type DiscoveryAnswer,
  type DiscoveryLimits,
  type DiscoveryMethod,
  type Unheard,
} from './discovery';
import { ClientError } from '../exchange/errors';
import { ignoredText } from '../exchange/exchange-peer';
import type { AuthenticatedServer } from './server-verifier';

/**
 * Solution A, first half (docs/protocol.md 5): Encrypted-Request to Encrypted-Reply.
 *
 * @throws ClientError as {@link nobodyAuthenticated}
 */
export async function authenticate(
  context: ClientContext,
  limits: DiscoveryLimits,
): Promise<AuthenticatedServer[]> {
  const found = await discover(context, encryptedRequests(context), limits);
  return found.map(({ server }) => server);
}

/** Solution A's way to find servers. */
export function encryptedRequests(context: ClientContext): DiscoveryMethod {
  const { codePoints, signer, timestamps } = context;
  return {
    build: (transactionId) => encodeEncryptedRequest(codePoints, signer, transactionId, timestamps.next()),
    read: (octets, transactionId) => readEncryptedReply(context, octets, transactionId),
    failure: nobodyAuthenticated,
  };
}

/**
 * `server-key-changed` if a known server shows another key, whatever other answers came; `authentication-refused` if
 * servers answered only to refuse this client; `no-server` if none could be authenticated.
 */
export function nobodyAuthenticated({ changedKeys, refusals, ignored }: Unheard): ClientError {
  if (changedKeys.size > 0) {
    return new ClientError('server-key-changed', [...changedKeys].join('; '));
  }
  if (refusals.size > 0) {
    return new ClientError('authentication-refused', [...refusals].join('; '));
  }
  return new ClientError('no-server', `no server authenticated itself${ignoredText(ignored)}`);
}

/**
 * docs/protocol.md 7: a report of a failure is verified like any Encrypted-Reply, and is no authentication.
 * @throws ProtocolError if the message does not verify; ServerKeyChanged
 */
export function readEncryptedReply(
  context: ClientContext,
  octets: Buffer,
  transactionId: number,
): DiscoveryAnswer | undefined {
  const reply = decodeEncryptedReply(context.codePoints, octets);
  if (reply.message.transactionId !== transactionId) {
    return undefined;
  }
  context.verifier.requireUnchanged(reply, reply.serverIdentifier);
  if (reply.status?.code === context.codePoints.statusCodes['timestamp-fail']) {
    const server = context.verifier.identify(reply, reply.serverIdentifier);
    return { refusal: refusalText(context, server, reply, reply.status) };
  }
  const server = context.verifier.verify(reply, reply.serverIdentifier);
  // RFC 8415 section 21.13: without a Status Code option the status is Success.
  if (reply.status !== undefined && reply.status.code !== StatusCode.Success) {
    return { refusal: refusalText(context, server, reply, reply.status) };
  }
  context.verifier.requirePinned(server);
  return { server, offer: undefined };
}

function refusalText(
  context: ClientContext,
  server: AuthenticatedServer,
  reply: EncryptedReply,
  status: ReportedStatus,
): string {
  const { statusCodes } = context.codePoints;
  const why = new Map([
    [statusCodes['algorithm-not-supported'], 'it does not support the algorithm of our key or signature'],
    [statusCodes['authentication-fail'], 'it does not accept our credential'],
    [statusCodes['timestamp-fail'], `it refuses our timestamp: its clock says ${clockText(reply)}`],
    [statusCodes['signature-fail'], 'it could not verify our signature'],
  ]).get(status.code);
  const detail = status.message === '' ? '' : ` (${status.message})`;
  return `the server ${server.name} refused this client: ${why ?? `status code ${status.code}`}${detail}`;
}

/** NTP counts from 1900, 2 208 988 800 seconds before 1970. */
function clockText(reply: EncryptedReply): string {
  return new Date((Number(reply.timestamp >> 32n) - 2_208_988_800) * 1000).toISOString();
}
