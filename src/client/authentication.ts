// SPDX-License-Identifier: MPL-2.0

import {
  decodeEncryptedReply,
  encodeEncryptedRequest,
  type EncryptedReply,
  ProtocolError,
  type ReportedStatus,
} from '../protocol';
import type { ClientContext } from './context';
import { ClientError } from './errors';
import { Retransmission, RetransmissionSchedule } from './retransmission';
import type { AuthenticatedServer } from './server-verifier';

interface Collected {
  readonly servers: Map<string, AuthenticatedServer>;
  readonly refusals: Set<string>;
}

export interface AuthenticationLimits {
  /** RFC 8415's SOL_MAX_RT, in seconds. */
  readonly solMaxRt: number;
  /** Gives up after so many milliseconds; undefined never does. */
  readonly patience: number | undefined;
}

/**
 * Solution A, first half (docs/protocol.md 5): multicasts Encrypted-Requests until servers have authenticated
 * themselves. Replies are collected for the first time-out (1 s and a little); after it the first good one ends
 * the wait (RFC 8415 section 18.2.1).
 *
 * @throws ClientError `no-server`, or `authentication-refused` where servers answered only to refuse this client
 */
export async function authenticate(
  context: ClientContext,
  limits: AuthenticationLimits,
): Promise<AuthenticatedServer[]> {
  const { environment, inbox, transport } = context;
  const schedule = new RetransmissionSchedule(Retransmission.solicit(limits.solMaxRt), () =>
    environment.random(),
  );
  const collected: Collected = { servers: new Map(), refusals: new Set() };
  const transactionId = environment.transactionId();
  const began = environment.monotonic();
  const giveUp = began + (limits.patience ?? Number.POSITIVE_INFINITY);
  inbox.clear();
  for (let transmission = 1; environment.monotonic() < giveUp; transmission += 1) {
    const { codePoints, signer, timestamps } = context;
    transport.send(encodeEncryptedRequest(codePoints, signer, transactionId, timestamps.next()));
    const wait = schedule.next(environment.monotonic() - began) ?? 0;
    await collect(
      context,
      transactionId,
      Math.min(environment.monotonic() + wait, giveUp),
      collected,
      transmission > 1,
    );
    if (collected.servers.size > 0) {
      return [...collected.servers.values()];
    }
  }
  throw failure(collected.refusals);
}

function failure(refusals: ReadonlySet<string>): ClientError {
  return refusals.size > 0
    ? new ClientError('authentication-refused', [...refusals].join('; '))
    : new ClientError('no-server', 'no server authenticated itself');
}

async function collect(
  context: ClientContext,
  transactionId: number,
  until: number,
  collected: Collected,
  firstOnly: boolean,
): Promise<void> {
  for (;;) {
    const octets = await context.inbox.next(until);
    if (octets === undefined) {
      return;
    }
    try {
      const reply = decodeEncryptedReply(context.codePoints, octets);
      if (reply.message.transactionId !== transactionId) {
        continue;
      }
      await admit(context, reply, collected);
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      context.notice(`an answer is ignored: ${error.message}`);
    }
    if (firstOnly && collected.servers.size > 0) {
      return;
    }
  }
}

/** docs/protocol.md 7: a report of a failure is verified like an Encrypted-Reply, and is no authentication. */
async function admit(context: ClientContext, reply: EncryptedReply, collected: Collected): Promise<void> {
  const server = await context.verifier.verify(reply, reply.serverIdentifier);
  if (reply.status === undefined) {
    collected.servers.set(server.serverIdentifier.toString('hex'), server);
    return;
  }
  const refusal = refusalText(context, server, reply, reply.status);
  collected.refusals.add(refusal);
  context.notice(refusal);
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
