// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../../dhcpv6';
import { ProtocolError } from '../../protocol';
import type { LinkContext } from '../exchange/link-context';
import type { ClientError } from '../exchange/errors';
import { IgnoredAnswers, MAX_TEXTS, type PeerIdentity } from '../exchange/exchange-peer';
import { endsTheWait } from '../exchange/offer';
import { Retransmission, RetransmissionSchedule } from '../exchange/retransmission';
import { ServerKeyChanged } from './server-pins';
import type { AuthenticatedServer } from './server-verifier';

/** A server, and what it has offered already (in solution B, and in clear). */
export interface DiscoveredServer<Server extends PeerIdentity = AuthenticatedServer> {
  readonly server: Server;
  readonly offer: Message | undefined;
}

/** A server's answer: the server can be chosen, or it has refused this client. */
export type DiscoveryAnswer<Server extends PeerIdentity = AuthenticatedServer> =
  DiscoveredServer<Server> | Refusal;

export interface Refusal {
  readonly refusal: string;
  /** What it has offered all the same, in clear: its SOL_MAX_RT and INF_MAX_RT count (RFC 8415 section 18.2.9). */
  readonly offer?: Message | undefined;
}

/** How servers are found: by Encrypted-Requests (solution A), signed Solicits (solution B) or Solicits in clear. */
export interface DiscoveryMethod<Server extends PeerIdentity = AuthenticatedServer> {
  /** The message, made anew for each transmission: new timestamp, new signature (docs/protocol.md 6). */
  build(transactionId: number, elapsedMilliseconds: number): Buffer;
  /**
   * Undefined if the octets belong to another transaction.
   * @throws ProtocolError, DecodeError if they are refused
   */
  read(octets: Buffer, transactionId: number): DiscoveryAnswer<Server> | undefined;
  /** What it means that no server was found. */
  failure(unheard: Unheard): ClientError;
}

/** The answers of servers that cannot be chosen. */
export interface Unheard {
  /** What they said when they refused this client. */
  readonly refusals: ReadonlySet<string>;
  /** Servers that show another key than they did before. */
  readonly changedKeys: ReadonlySet<string>;
  /** Why other answers were refused. */
  readonly ignored: IgnoredAnswers;
}

export interface DiscoveryLimits {
  /** RFC 8415's SOL_MAX_RT, in seconds. */
  readonly solMaxRt: number;
  /** Milliseconds after which it gives up; undefined never does. */
  readonly patience: number | undefined;
  /** DUID in hexadecimal of the one server that matters: its answer ends the wait, and the client waits a little longer for it. */
  readonly wanted?: string | undefined;
}

/** Transmissions to wait for a wanted server while others have answered. */
const MAX_TRANSMISSIONS_TO_WANTED = 3;

/** Servers of one discovery: a flood must not fill memory. */
const MAX_SERVERS = 64;

interface Collected<Server extends PeerIdentity> {
  readonly servers: Map<string, DiscoveredServer<Server>>;
  readonly refusals: Set<string>;
  readonly changedKeys: Set<string>;
  readonly ignored: IgnoredAnswers;
  readonly schedule: RetransmissionSchedule;
}

/**
 * Multicasts until servers have answered as they must (docs/protocol.md 5). Answers are collected for the first
 * time-out (1 s and a little), or until an offer is one to take at once; after it the first good one ends the wait
 * (RFC 8415 section 18.2.1). A server that is wanted ends it at once.
 *
 * @returns at least one server, in the order in which they answered
 * @throws ClientError the method's failure
 */
export async function discover<Server extends PeerIdentity>(
  context: LinkContext,
  method: DiscoveryMethod<Server>,
  limits: DiscoveryLimits,
): Promise<DiscoveredServer<Server>[]> {
  const { attempt, environment, inbox, transport } = context;
  const schedule = new RetransmissionSchedule(Retransmission.solicit(limits.solMaxRt), () =>
    environment.random(),
  );
  const collected: Collected<Server> = {
    servers: new Map(),
    refusals: new Set(),
    changedKeys: new Set(),
    ignored: new IgnoredAnswers(),
    schedule,
  };
  const transactionId = environment.transactionId();
  const began = environment.monotonic();
  const giveUp = attempt.bounded(began + (limits.patience ?? Number.POSITIVE_INFINITY));
  inbox.clear();
  for (let transmission = 1; environment.monotonic() < giveUp; transmission += 1) {
    const elapsed = environment.monotonic() - began;
    transport.send(method.build(transactionId, elapsed));
    const wait = schedule.next(elapsed) ?? 0;
    const until = Math.min(environment.monotonic() + wait, giveUp);
    const { servers } = collected;
    const isDone = (): boolean =>
      limits.wanted === undefined ? transmission > 1 && servers.size > 0 : servers.has(limits.wanted);
    await collect(context, method, transactionId, until, collected, isDone);
    const isEnough = limits.wanted === undefined || transmission >= MAX_TRANSMISSIONS_TO_WANTED;
    if (isDone() || (isEnough && servers.size > 0)) {
      return [...servers.values()];
    }
  }
  throw method.failure(collected);
}

async function collect<Server extends PeerIdentity>(
  context: LinkContext,
  method: DiscoveryMethod<Server>,
  transactionId: number,
  until: number,
  collected: Collected<Server>,
  isDone: () => boolean,
): Promise<void> {
  while (!isDone()) {
    const octets = await context.inbox.next(until);
    if (octets === undefined) {
      return;
    }
    try {
      const answer = method.read(octets, transactionId);
      if (answer !== undefined && keep(context, collected, answer)) {
        return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof DecodeError)) {
        throw error;
      }
      if (error instanceof ServerKeyChanged) {
        addText(collected.changedKeys, error.message);
      } else {
        collected.ignored.add(error.message);
      }
      context.notice(`an answer is ignored: ${error.message}`);
    }
  }
}

/** @returns whether the wait is over */
function keep<Server extends PeerIdentity>(
  context: LinkContext,
  collected: Collected<Server>,
  answer: DiscoveryAnswer<Server>,
): boolean {
  if (answer.offer !== undefined) {
    context.maxRt.learn(answer.offer);
    collected.schedule.overrideMrt(context.maxRt.solicit);
  }
  if ('refusal' in answer) {
    addText(collected.refusals, answer.refusal);
    context.notice(answer.refusal);
    return false;
  }
  const duid = answer.server.serverIdentifier.toString('hex');
  const isLast = answer.offer !== undefined && endsTheWait(answer.offer);
  if (isLast || collected.servers.size < MAX_SERVERS) {
    collected.servers.set(duid, answer);
  }
  return isLast;
}

function addText(texts: Set<string>, text: string): void {
  if (texts.size < MAX_TEXTS) {
    texts.add(text);
  }
}
