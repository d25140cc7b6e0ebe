// SPDX-License-Identifier: MPL-2.0

/**
 * Every order in which messages of one client, and copies of them, can come to a server of two workers, with restarts of its
 * engine and a stop of its machine (docs/protocol.md 4.1 and 6). The rules are those of the code: checkTimestamp and
 * ReplayWindow; the table is modelled as test/engine/key-table holds it.
 */
import {
  firstState,
  isTakenTwice,
  keyOf,
  type Model,
  model,
  nextTimestamp,
  type State,
  stepsOf,
  verdictOf,
} from './replays';
import { type Found, search } from './search';

function searchFor(breaks: (state: State) => boolean, changes: Partial<Model> = {}): Found {
  const parameters = { ...model, ...changes };
  return search(firstState, (state) => stepsOf(state, parameters), keyOf, breaks);
}

test('no message is taken twice, in whatever order, by whichever worker, after whatever stop', () => {
  const { way, states } = searchFor(isTakenTwice);
  expect(way).toBeUndefined();
  expect(states).toBeGreaterThan(100_000);
});

test('a client whose clock is ahead by 200 s is safe as well while the machine runs', () => {
  expect(searchFor(isTakenTwice, { ahead: 200, stops: 0 }).way).toBeUndefined();
});

test('nobody can have a client with a right clock refused: what it sends next is taken', () => {
  const isLockedOut = (state: State): boolean => {
    const timestamp = nextTimestamp(state, model);
    // At the floor itself, whose moment is over by then.
    return (
      timestamp !== state.floor &&
      [0, 1].some((worker) => verdictOf(state, timestamp, worker, model) !== 'accept')
    );
  };
  expect(searchFor(isLockedOut, { messages: 2 }).way).toBeUndefined();
});

/** Without the rule the search finds what the rule is for. */
test.each<[string, Partial<Model>, readonly string[]]>([
  [
    'the workers share no record',
    { isShared: false },
    ['the client shows its credential', 'worker 0 gets message 0', 'worker 1 gets message 0'],
  ],
  [
    'the record ends with the engine',
    { isKept: false },
    [
      'the client shows its credential',
      'worker 0 gets message 0',
      'the engine restarts',
      'worker 0 gets message 0',
    ],
  ],
  [
    'there is no floor',
    { hasFloor: false },
    [
      'the client shows its credential',
      'worker 0 gets message 0',
      'the machine stops',
      'worker 0 gets message 0',
    ],
  ],
  [
    'sequence numbers are not remembered',
    { hasWindow: false },
    [
      'the client opens a context',
      'the client goes on in its context',
      'worker 0 gets message 0',
      'worker 0 gets message 1',
      'worker 0 gets message 1',
    ],
  ],
])('where %s, a message is taken twice', (_, changes, expected) => {
  expect([...(searchFor(isTakenTwice, changes).way ?? [])].sort()).toEqual([...expected].sort());
});

/** The risk that docs/state-directory.md names: the floor is behind the timestamp, and the record was not on the disk. */
test('a client whose clock is ahead can be replayed after the machine has stopped, and by nothing else', () => {
  expect(searchFor(isTakenTwice, { ahead: 200, restarts: 0 }).way).toEqual([
    'the client shows its credential',
    'worker 0 gets message 0',
    'the machine stops',
    'worker 0 gets message 0',
  ]);
  const { way } = searchFor((state) => isTakenTwice(state) && state.stops === 0, { ahead: 200, messages: 2 });
  expect(way).toBeUndefined();
});
