// SPDX-License-Identifier: MPL-2.0

import {
  type AcceptedTimestamp,
  checkTimestamp,
  ntpFromUnixMilliseconds,
  ReplayWindow,
} from '../../src/crypto';
import type { Step } from './search';

/** docs/protocol.md 6. */
const rules = { delta: 300, fuzz: 1, drift: 0.01 };

/** Seconds that pass in a step: two of them are as long as a message is good for. */
const TICK = 150;

const begin = Date.UTC(2026, 0, 1);

/** What the network has: it keeps all, and delivers each as often as it likes, to any worker, in any order. */
export interface SentMessage {
  /** Shows the credential in clear, or opens a context to the encryption key of this number, or is later in a context. */
  readonly kind: 'shown' | 'opening' | 'later';
  readonly timestamp: bigint;
  readonly encryptionKey: number;
  /** Of a later query: the message that opened its context, and the sequence number. */
  readonly of: number;
  readonly sequence: number;
}

interface WorkerContext {
  /** The message that opened it. */
  readonly of: number;
  /** Sequence numbers in the order in which they were taken. */
  readonly taken: readonly number[];
}

export interface State {
  /** Steps of {@link TICK} since the beginning. */
  readonly tick: number;
  readonly sent: readonly SentMessage[];
  /** How often each was taken for a new one. */
  readonly taken: readonly number[];
  /** What is known of the client's key: in the table, or, without one that is shared, in each worker. */
  readonly last: readonly (AcceptedTimestamp | undefined)[];
  /** The same as it is on the disk. */
  readonly flushed: readonly (AcceptedTimestamp | undefined)[];
  readonly floor: bigint | undefined;
  readonly encryptionKey: number;
  readonly contexts: readonly (readonly WorkerContext[])[];
  readonly restarts: number;
  readonly stops: number;
}

/** How much there may be of each, and which rules hold: each stands for what the code does, and can be left out. */
export interface Model {
  readonly messages: number;
  readonly ticks: number;
  readonly restarts: number;
  readonly stops: number;
  /** Seconds that the client's clock is ahead. */
  readonly ahead: number;
  /** Contexts of a worker: what a flood leaves to the client. */
  readonly maxContexts: number;
  /** Workers share the record of timestamps (docs/protocol.md 6). */
  readonly isShared: boolean;
  /** The record survives the engine (docs/protocol.md 6). */
  readonly isKept: boolean;
  /** After a stop of the machine nothing is taken from before it (docs/state-directory.md). */
  readonly hasFloor: boolean;
  /** Each sequence number once (docs/protocol.md 4.1). */
  readonly hasWindow: boolean;
}

export const model: Model = {
  messages: 3,
  ticks: 2,
  restarts: 1,
  stops: 1,
  ahead: 0,
  maxContexts: 1,
  isShared: true,
  isKept: true,
  hasFloor: true,
  hasWindow: true,
};

const WORKERS = [0, 1];
const nobody = WORKERS.map(() => undefined);

export const firstState: State = {
  tick: 0,
  sent: [],
  taken: [],
  last: nobody,
  flushed: nobody,
  floor: undefined,
  encryptionKey: 0,
  contexts: WORKERS.map(() => []),
  restarts: 0,
  stops: 0,
};

/** Workers that share their record are the same in another order. */
export function keyOf(state: State): string {
  const { tick, sent, taken, last, flushed, floor, encryptionKey, contexts, restarts, stops } = state;
  const record = (of?: AcceptedTimestamp): string => (of ? `${of.timestamp},${of.received}` : '');
  const isShared = last[0] === last[1] && flushed[0] === flushed[1];
  const workers = contexts.map((own) => own.map((one) => `${one.of}:${one.taken.join()}`).join('+'));
  return [
    [tick, encryptionKey, restarts, stops, floor].join(),
    sent.map((one) => `${one.kind}${one.timestamp},${one.encryptionKey},${one.of},${one.sequence}`).join('+'),
    taken.join(),
    last.map(record).join('+'),
    flushed.map(record).join('+'),
    (isShared ? workers.sort() : workers).join('|'),
  ].join(' ');
}

/** Whether a message was taken for a new one twice. */
export function isTakenTwice({ taken }: State): boolean {
  return taken.some((count) => count > 1);
}

export function* stepsOf(state: State, parameters: Model): Iterable<Step<State>> {
  const { tick, sent, restarts, stops } = state;
  if (tick < parameters.ticks) {
    yield ['time passes', { ...state, tick: tick + 1 }];
  }
  if (sent.length < parameters.messages) {
    yield* sendings(state, parameters);
  }
  for (const index of sent.keys()) {
    for (const worker of WORKERS) {
      yield* delivery(state, index, worker, parameters);
    }
  }
  if (restarts < parameters.restarts) {
    const contexts = WORKERS.map(() => []);
    const last = parameters.isKept ? state.last : nobody;
    const again = { ...state, contexts, last, restarts: restarts + 1 };
    yield ['the engine restarts', again];
    yield ['the engine restarts without its keys', { ...again, encryptionKey: state.encryptionKey + 1 }];
  }
  if (stops < parameters.stops) {
    if (state.flushed !== state.last) {
      yield ['the table goes to the disk', { ...state, flushed: state.last }];
    }
    const stopped = {
      ...state,
      contexts: WORKERS.map(() => []),
      last: state.flushed,
      encryptionKey: state.encryptionKey + 1,
      stops: stops + 1,
    };
    yield ['the machine stops', { ...stopped, floor: parameters.hasFloor ? nowOf(stopped) : undefined }];
  }
}

/** What a client sends whose clock is right, or ahead (docs/protocol.md 6: it never goes back). */
export function nextTimestamp({ sent, tick, stops }: State, { ahead }: Model): bigint {
  const own = ntpFromUnixMilliseconds(begin + (tick * TICK + stops + ahead) * 1000);
  return sent.reduce((latest, { kind, timestamp }) => {
    return kind !== 'later' && timestamp >= latest ? timestamp + 1n : latest;
  }, own);
}

function* sendings(state: State, parameters: Model): Iterable<Step<State>> {
  const { sent, taken, encryptionKey } = state;
  const send = (message: SentMessage): State => ({
    ...state,
    sent: [...sent, message],
    taken: [...taken, 0],
  });
  const timestamp = nextTimestamp(state, parameters);
  const fresh = { timestamp, encryptionKey, of: -1, sequence: 0 };
  yield ['the client shows its credential', send({ ...fresh, kind: 'shown' })];
  yield ['the client opens a context', send({ ...fresh, kind: 'opening' })];
  const of = sent.findLastIndex(({ kind }) => kind === 'opening');
  if (of >= 0) {
    const sequence = 1 + sent.filter((message) => message.kind === 'later' && message.of === of).length;
    const later = {
      kind: 'later',
      timestamp: 0n,
      encryptionKey: sent[of]?.encryptionKey ?? 0,
      of,
      sequence,
    } as const;
    yield ['the client goes on in its context', send(later)];
  }
}

function* delivery(state: State, index: number, worker: number, parameters: Model): Iterable<Step<State>> {
  const message = state.sent[index];
  const after = message && deliver(state, message, index, worker, parameters);
  if (after !== undefined) {
    yield [`worker ${worker} gets message ${index}`, after];
  }
}

/** Undefined if nothing comes of it. */
export function deliver(
  state: State,
  message: SentMessage,
  index: number,
  worker: number,
  parameters: Model,
): State | undefined {
  const contexts = state.contexts[worker] ?? [];
  if (message.kind !== 'shown' && message.encryptionKey !== state.encryptionKey) {
    return undefined;
  }
  if (message.kind === 'later') {
    const context = contexts.find(({ of }) => of === message.of);
    if (context === undefined || (parameters.hasWindow && !windowOf(context).check(message.sequence))) {
      return undefined;
    }
    const grown = { ...context, taken: [...context.taken, message.sequence] };
    return count(
      with_(
        state,
        worker,
        contexts.map((one) => (one === context ? grown : one)),
      ),
      index,
    );
  }
  // docs/protocol.md 4.1: one with enc in a known context is a copy.
  if (message.kind === 'opening' && contexts.some(({ of }) => of === index)) {
    return undefined;
  }
  if (verdictOf(state, message.timestamp, worker, parameters) !== 'accept') {
    return undefined;
  }
  const record = { timestamp: message.timestamp, received: nowOf(state) };
  const last = state.last.map((known, at) => (parameters.isShared || at === worker ? record : known));
  const recorded = count({ ...state, last }, index);
  return message.kind === 'shown'
    ? recorded
    : with_(recorded, worker, [...contexts, { of: index, taken: [0] }].slice(-parameters.maxContexts));
}

/** As KeyTable.acceptTimestamp() has it. */
export function verdictOf(state: State, timestamp: bigint, worker: number, { isShared }: Model): string {
  const now = nowOf(state);
  const last = state.last[isShared ? 0 : worker];
  const verdict = checkTimestamp({ timestamp, now, last }, rules);
  if (verdict !== 'accept' || state.floor === undefined) {
    return verdict;
  }
  return checkTimestamp({ timestamp, now, last: { timestamp: state.floor, received: now } }, rules);
}

function windowOf({ taken }: WorkerContext): ReplayWindow {
  const window = new ReplayWindow();
  taken.forEach((sequence) => window.mark(sequence));
  return window;
}

/** A machine that has stopped is down for a second at least. */
function nowOf({ tick, stops }: State): bigint {
  return ntpFromUnixMilliseconds(begin + (tick * TICK + stops) * 1000);
}

function count(state: State, index: number): State {
  return { ...state, taken: state.taken.map((times, at) => (at === index ? times + 1 : times)) };
}

function with_(state: State, worker: number, own: readonly WorkerContext[]): State {
  return { ...state, contexts: state.contexts.map((all, at) => (at === worker ? own : all)) };
}
