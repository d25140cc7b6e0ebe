// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../dhcpv6';
import { ProtocolError } from '../protocol';
import type { ClientContext } from './context';
import { ClientError } from './errors';
import { Retransmission, RetransmissionSchedule } from './retransmission';
import type { AuthenticatedServer } from './server-verifier';

/** An authenticated server, and what it has offered already (solution B). */
export interface DiscoveredServer {
  readonly server: AuthenticatedServer;
  readonly offer: Message | undefined;
}

/** A server's answer: it has authenticated itself, or it has refused this client. */
export type DiscoveryAnswer = DiscoveredServer | { readonly refusal: string };

/** How servers are found: by Encrypted-Requests (solution A) or signed Solicits (solution B). */
export interface DiscoveryMethod {
  /** The message, made anew for each transmission: new timestamp, new signature (docs/protocol.md 6). */
  build(transactionId: number, elapsedMilliseconds: number): Buffer;
  /** Undefined where the octets belong to another transaction; throws where they are refused. */
  read(octets: Buffer, transactionId: number): Promise<DiscoveryAnswer | undefined>;
}

export interface DiscoveryLimits {
  /** RFC 8415's SOL_MAX_RT, in seconds. */
  readonly solMaxRt: number;
  /** Gives up after so many milliseconds; undefined never does. */
  readonly patience: number | undefined;
}

interface Collected {
  readonly servers: Map<string, DiscoveredServer>;
  readonly refusals: Set<string>;
}

/**
 * Multicasts until servers have authenticated themselves (docs/protocol.md 5). Answers are collected for the first
 * time-out (1 s and a little); after it the first good one ends the wait (RFC 8415 section 18.2.1).
 *
 * @throws ClientError `no-server`, or `authentication-refused` where servers answered only to refuse this client
 */
export async function discover(
  context: ClientContext,
  method: DiscoveryMethod,
  limits: DiscoveryLimits,
): Promise<DiscoveredServer[]> {
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
    const elapsed = environment.monotonic() - began;
    transport.send(method.build(transactionId, elapsed));
    const wait = schedule.next(elapsed) ?? 0;
    const until = Math.min(environment.monotonic() + wait, giveUp);
    await collect(context, method, transactionId, until, collected, transmission > 1);
    if (collected.servers.size > 0) {
      return [...collected.servers.values()];
    }
  }
  const { refusals } = collected;
  throw refusals.size > 0
    ? new ClientError('authentication-refused', [...refusals].join('; '))
    : new ClientError('no-server', 'no server authenticated itself');
}

async function collect(
  context: ClientContext,
  method: DiscoveryMethod,
  transactionId: number,
  until: number,
  collected: Collected,
  firstOnly: boolean,
): Promise<void> {
  while (!firstOnly || collected.servers.size === 0) {
    const octets = await context.inbox.next(until);
    if (octets === undefined) {
      return;
    }
    try {
      keep(context, collected, await method.read(octets, transactionId));
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof DecodeError)) {
        throw error;
      }
      context.notice(`an answer is ignored: ${error.message}`);
    }
  }
}

function keep(context: ClientContext, collected: Collected, answer: DiscoveryAnswer | undefined): void {
  if (answer === undefined) {
    return;
  }
  if ('refusal' in answer) {
    collected.refusals.add(answer.refusal);
    context.notice(answer.refusal);
  } else {
    collected.servers.set(answer.server.serverIdentifier.toString('hex'), answer);
  }
}
