// SPDX-License-Identifier: MPL-2.0

import type { Lease } from './lease';

/** Seconds for which a Renew or Rebind is tried at the least. */
const MIN_TRY_DURATION = 15;

/** How long a Renew may be tried (RFC 8415 section 18.2.4): seconds until T2. @param now milliseconds since 1970 */
export function secondsToRenew(lease: Lease, now: number): number {
  // Section 14.2: of several associations the earliest times count.
  const times = [...lease.addresses, ...lease.prefixes].map(({ t2 }) => t2).filter((t2) => t2 > 0);
  return remaining(lease, times.length > 0 ? Math.min(...times) : MIN_TRY_DURATION, now);
}

/** How long a Rebind may be tried (section 18.2.5): seconds until the last valid lifetime ends. */
export function secondsToRebind(lease: Lease, now: number): number {
  const items = [...lease.addresses, ...lease.prefixes].flatMap(
    (association): { validLifetime: number }[] => [...association.items],
  );
  return remaining(
    lease,
    Math.max(MIN_TRY_DURATION, ...items.map(({ validLifetime }) => validLifetime)),
    now,
  );
}

/** Seconds left of a time that began when the lease was obtained; at least {@link MIN_TRY_DURATION}. */
function remaining(lease: Lease, seconds: number, now: number): number {
  return Math.max(MIN_TRY_DURATION, seconds - (now - lease.obtained) / 1000);
}
