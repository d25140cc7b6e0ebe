// SPDX-License-Identifier: MPL-2.0

import { INFINITY } from '../../dhcpv6';
import type { Lease, LeasedAddress, LeasedAssociation, LeasedPrefix } from './lease';

/** What is left of a time on the wire (seconds) after a while; infinity stays. */
export function secondsLeft(seconds: number, age: number): number {
  return seconds === INFINITY ? INFINITY : Math.max(0, Math.floor(seconds - age));
}

/** T1 or T2 after a while: at least 1, since 0 would leave it to the client (RFC 8415 section 21.4). */
function timeLeft(seconds: number, age: number): number {
  return seconds === 0 ? 0 : Math.max(1, secondsLeft(seconds, age));
}

/** An association as a server would give it now: without what has expired. @param age seconds */
export function ageAssociation<Item extends LeasedAddress | LeasedPrefix>(
  { iaid, t1, t2, items }: LeasedAssociation<Item>,
  age: number,
): LeasedAssociation<Item> {
  return {
    iaid,
    t1: timeLeft(t1, age),
    t2: timeLeft(t2, age),
    items: items
      .map((item) => ({
        ...item,
        preferredLifetime: secondsLeft(item.preferredLifetime, age),
        validLifetime: secondsLeft(item.validLifetime, age),
      }))
      .filter(({ validLifetime }) => validLifetime > 0),
  };
}

/** A lease as it would be if a server had given it now. @param now milliseconds since 1970 */
export function ageLease(lease: Lease, age: number, now: number): Lease {
  return {
    ...lease,
    obtained: now,
    addresses: ageAll(lease.addresses, age),
    prefixes: ageAll(lease.prefixes, age),
  };
}

function ageAll<Item extends LeasedAddress | LeasedPrefix>(
  associations: readonly LeasedAssociation<Item>[],
  age: number,
): LeasedAssociation<Item>[] {
  return associations
    .map((association) => ageAssociation(association, age))
    .filter(({ items }) => items.length > 0);
}
