// SPDX-License-Identifier: MPL-2.0

/**
 * The next number that names a context or a Solicit towards the hook, and comes back with Kea's answer. All of them are
 * even: one more names the answer to a query whose DUID is to be bound (docs/protocol.md 8), so that this is known of
 * each query in a context by itself. They stay below 2^53.
 */
export type HandleSource = () => number;

export function handleSource(): HandleSource {
  let last = 0;
  return () => (last += 2);
}

/** The handle of a query in the context that `handle` names. */
export function queryHandle(handle: number, bindsDuid: boolean): number {
  return bindsDuid ? handle + 1 : handle;
}

/** Of a query's handle: which context or Solicit it is of, and whether the answer binds the DUID that it names. */
export function readHandle(handle: number): { readonly owner: number; readonly bindsDuid: boolean } {
  const bindsDuid = handle % 2 === 1;
  return { owner: bindsDuid ? handle - 1 : handle, bindsDuid };
}
