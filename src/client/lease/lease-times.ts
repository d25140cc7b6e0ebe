// SPDX-License-Identifier: MPL-2.0

import type { Lease } from './lease';

/** Seconds; asked explicitly to renew, a client tries at least this long. */
const shortestTry = 15;

/** How long a Renew may be tried (RFC 8415 section 18.2.4): seconds until T2. @param now milliseconds since 1970 */
export function secondsToRenew(lease: Lease, now: number): number {
  // Section 14.2: of several associations the earliest times count.
  const times = [...lease.addresses, ...lease.prefixes].map(({ t2 }) => t2).filter((t2) => t2 > 0);
  return remaining(lease, times.length > 0 ? Math.min(...times) : shortestTry, now);
}

/** How long a Rebind may be tried (section 18.2.5): seconds until the last valid lifetime ends. */
export function secondsToRebind(lease: Lease, now: number): number {
  const items = [...lease.addresses, ...lease.prefixes].flatMap(
    (association): { validLifetime: number }[] => [...association.items],
  );
  return remaining(lease, Math.max(shortestTry, ...items.map(({ validLifetime }) => validLifetime)), now);
}

/** Seconds that are left of a time that began when the lease was obtained; at least one try's worth. */
function remaining(lease: Lease, seconds: number, now: number): number {
  return Math.max(shortestTry, seconds - (now - lease.obtained) / 1000);
}
