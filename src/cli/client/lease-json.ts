// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../../client';

/** For programs: what happened, and the lease. */
export function leaseJson(event: string, lease: Lease): unknown {
  return {
    event,
    encrypted: lease.encrypted,
    ...(lease.way !== undefined && { way: lease.way }),
    serverName: lease.serverName,
    serverIdentifier: lease.serverIdentifier,
    clientIdentifier: lease.clientIdentifier,
    addresses: lease.addresses.flatMap(({ iaid, t1, t2, items }) =>
      items.map((item) => ({ iaid, t1, t2, ...item })),
    ),
    prefixes: lease.prefixes.flatMap(({ iaid, t1, t2, items }) =>
      items.map((item) => ({ iaid, t1, t2, ...item })),
    ),
    ...lease.configuration,
  };
}
