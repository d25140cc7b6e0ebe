// SPDX-License-Identifier: MPL-2.0

/** A step that can be taken, by name, and where it leads. */
export type Step<State> = readonly [name: string, next: State];

export interface Found {
  readonly states: number;
  /** The shortest way to a state that breaks the rule, by the names of its steps; undefined if there is none. */
  readonly way: readonly string[] | undefined;
}

/**
 * Goes through every state that can be reached, the nearest first.
 * @param keyOf the same for states that are the same
 * @param breaks whether a state breaks the rule: the first one ends the search
 * @param maxStates throws beyond: a search that is cut short proves nothing
 */
export function search<State>(
  first: State,
  steps: (state: State) => Iterable<Step<State>>,
  keyOf: (state: State) => string,
  breaks: (state: State) => boolean,
  maxStates = 2_000_000,
): Found {
  const begin = keyOf(first);
  const cameFrom = new Map<string, readonly [from: string, by: string]>([[begin, ['', '']]]);
  let edge: (readonly [string, State])[] = [[begin, first]];
  while (edge.length > 0) {
    const next: (readonly [string, State])[] = [];
    for (const [key, state] of edge) {
      if (breaks(state)) {
        return { states: cameFrom.size, way: wayTo(key, cameFrom) };
      }
      for (const [name, after] of steps(state)) {
        const reached = keyOf(after);
        if (!cameFrom.has(reached)) {
          cameFrom.set(reached, [key, name]);
          next.push([reached, after]);
        }
      }
    }
    if (cameFrom.size > maxStates) {
      throw new Error(`more than ${maxStates} states`);
    }
    edge = next;
  }
  return { states: cameFrom.size, way: undefined };
}

function wayTo(key: string, cameFrom: ReadonlyMap<string, readonly [string, string]>): string[] {
  const way: string[] = [];
  for (let at = cameFrom.get(key); at !== undefined && at[1] !== ''; at = cameFrom.get(at[0])) {
    way.unshift(at[1]);
  }
  return way;
}
