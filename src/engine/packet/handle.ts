// SPDX-License-Identifier: MPL-2.0

/**
 * The next number that names a context or a Solicit towards the hook, and comes back with Kea's answer. They stay below
 * 2^53.
 */
export type HandleSource = () => number;

export function handleSource(): HandleSource {
  let last = 0;
  return () => (last += 1);
}
