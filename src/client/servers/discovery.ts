// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../../dhcpv6';
import { ProtocolError } from '../../protocol';
import type { LinkContext } from '../exchange/link-context';
import type { ClientError } from '../exchange/errors';
import type { Arrival } from '../exchange/inbox';
import type { Way } from '../exchange/transport';
import { IgnoredAnswers, MAX_TEXTS, type PeerIdentity } from '../exchange/exchange-peer';
import { endsTheWait } from '../exchange/offer';
import { Retransmission, RetransmissionSchedule } from '../exchange/retransmission';
import { ServerKeyChanged } from './server-pins';

/** A server that was found, and what it has offered already (in solution B, and in clear). */
export interface DiscoveredServer<Server extends PeerIdentity> {
  readonly server: Server;
  readonly offer: Message | undefined;
  /**
   * Of a server that is used only if no other answers: to call before it is used.
   * @throws ProtocolError if it cannot be used after all
   */
  readonly admit?: () => void;
}

/** A server's answer: it can be chosen, it has refused this client, or it wants the message again. */
export type DiscoveryAnswer<Server extends PeerIdentity> = DiscoveredServer<Server> | Refusal | SendAgain;

export interface Refusal {
  readonly refusal: string;
  /** What it has offered all the same, in clear: its SOL_MAX_RT and INF_MAX_RT count (RFC 8415 section 18.2.9). */
  readonly offer?: Message | undefined;
}

/** A Retry, or a report on something that could be mended. */
export interface SendAgain {
  readonly cookie: Buffer | undefined;
}

/** How servers are found: by Encrypted-Requests (solution A), signed Solicits (solution B) or Solicits in clear. */
export interface DiscoveryMethod<Server extends PeerIdentity> {
  /** The ways of a transmission. @param unanswered transmissions before it that nobody answered */
  ways(unanswered: number): readonly Way[];
  /**
   * The message, made anew for each transmission: new timestamp, new signature (docs/protocol.md 6).
   * @param again what a server has answered that wants it again
   */
  build(transactionId: number, elapsedMilliseconds: number, way: Way, again?: SendAgain): Buffer;
  /**
   * Undefined if it belongs to another transaction.
   * @throws ProtocolError, DecodeError if it is refused
   */
  read(arrival: Arrival, transactionId: number): DiscoveryAnswer<Server> | undefined;
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
  /** Whether any server that is found is a wanted one, and ends the wait. */
  readonly isAnyWanted?: boolean;
}

/** Transmissions to wait for a wanted server, or for any that is known, while others have answered. */
const MAX_TRANSMISSIONS_TO_WANTED = 3;

/** docs/protocol.md 3: Retries that are answered in one transmission. */
const MAX_RETRIES = 4;

/** Servers of one discovery: a flood must not fill memory. */
const MAX_SERVERS = 64;

interface Collected<Server extends PeerIdentity> {
  readonly servers: Map<string, DiscoveredServer<Server>>;
  /** Used only if no other answers. */
  readonly strangers: Map<string, DiscoveredServer<Server>>;
  readonly refusals: Set<string>;
  readonly changedKeys: Set<string>;
  readonly ignored: IgnoredAnswers;
  readonly schedule: RetransmissionSchedule;
  /** Messages sent again in this transmission. */
  retries: number;
}

/**
 * Multicasts until servers have answered as they must (docs/protocol.md 5.1). Answers are collected for the first
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
    strangers: new Map(),
    refusals: new Set(),
    changedKeys: new Set(),
    ignored: new IgnoredAnswers(),
    schedule,
    retries: 0,
  };
  const transactionId = environment.transactionId();
  const began = environment.monotonic();
  const giveUp = attempt.bounded(began + (limits.patience ?? Number.POSITIVE_INFINITY));
  inbox.clear();
  for (let transmission = 1; environment.monotonic() < giveUp; transmission += 1) {
    const elapsed = environment.monotonic() - began;
    collected.retries = 0;
    for (const way of method.ways(transmission - 1)) {
      transport.send(method.build(transactionId, elapsed, way), way);
    }
    const wait = schedule.next(elapsed) ?? 0;
    const until = Math.min(environment.monotonic() + wait, giveUp);
    const { servers } = collected;
    const isDone = (): boolean =>
      limits.wanted === undefined
        ? (transmission > 1 || limits.isAnyWanted === true) && servers.size > 0
        : servers.has(limits.wanted);
    const sendAgain = (again: SendAgain, way: Way): void => {
      collected.retries += 1;
      if (collected.retries <= MAX_RETRIES) {
        transport.send(method.build(transactionId, environment.monotonic() - began, way, again), way);
      }
    };
    await collect(context, method, transactionId, until, collected, isDone, sendAgain);
    const isEnough = limits.wanted === undefined || transmission >= MAX_TRANSMISSIONS_TO_WANTED;
    if (isDone() || (isEnough && servers.size > 0)) {
      return [...servers.values()];
    }
    if (transmission >= MAX_TRANSMISSIONS_TO_WANTED || environment.monotonic() >= giveUp) {
      const admitted = servers.size > 0 ? [] : admitStrangers(context, collected);
      if (admitted.length > 0) {
        return admitted;
      }
    }
  }
  throw method.failure(collected);
}

function admitStrangers<Server extends PeerIdentity>(
  context: LinkContext,
  collected: Collected<Server>,
): DiscoveredServer<Server>[] {
  const strangers = [...collected.strangers.values()];
  collected.strangers.clear();
  return strangers.filter(({ admit }) =>
    unlessRefused(context, collected, () => {
      admit?.();
      return true;
    }),
  );
}

async function collect<Server extends PeerIdentity>(
  context: LinkContext,
  method: DiscoveryMethod<Server>,
  transactionId: number,
  until: number,
  collected: Collected<Server>,
  isDone: () => boolean,
  sendAgain: (again: SendAgain, way: Way) => void,
): Promise<void> {
  while (!isDone()) {
    const arrival = await context.inbox.next(until);
    if (arrival === undefined) {
      return;
    }
    const isOver = unlessRefused(context, collected, () => {
      const answer = method.read(arrival, transactionId);
      if (answer !== undefined && 'cookie' in answer) {
        sendAgain(answer, arrival.way);
        return false;
      }
      return answer !== undefined && keep(context, collected, answer);
    });
    if (isOver) {
      return;
    }
  }
}

/** False if what came is refused, for a reason that is kept. */
function unlessRefused<Server extends PeerIdentity>(
  context: LinkContext,
  { changedKeys, ignored }: Collected<Server>,
  act: () => boolean,
): boolean {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof DecodeError)) {
      throw error;
    }
    if (error instanceof ServerKeyChanged) {
      addText(changedKeys, error.message);
    } else {
      ignored.add(error.message);
    }
    context.notice(`an answer is ignored: ${error.message}`);
    return false;
  }
}

/** @returns whether the wait is over */
function keep<Server extends PeerIdentity>(
  context: LinkContext,
  collected: Collected<Server>,
  answer: DiscoveredServer<Server> | Refusal,
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
  const isStranger = answer.admit !== undefined;
  const isLast = !isStranger && answer.offer !== undefined && endsTheWait(answer.offer);
  const found = isStranger ? collected.strangers : collected.servers;
  if (isLast || found.size < MAX_SERVERS) {
    found.set(duid, answer);
  }
  return isLast;
}

function addText(texts: Set<string>, text: string): void {
  if (texts.size < MAX_TEXTS) {
    texts.add(text);
  }
}
