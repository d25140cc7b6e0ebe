// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import { type LeaseStore, readLeaseFile, removeLeaseFile, writeLeaseFile } from '../../client';

/** A lease file as a daemon's store. @param identifiers DUIDs whose leases the client may go on with */
export function leaseStore(file: string, identifiers: readonly Buffer[]): LeaseStore {
  const own = identifiers.map((identifier) => identifier.toString('hex'));
  return {
    read: () => {
      const lease = existsSync(file) ? readLeaseFile(file) : undefined;
      return lease !== undefined && own.includes(lease.clientIdentifier) ? lease : undefined;
    },
    write: (lease) => {
      writeLeaseFile(file, lease);
    },
    remove: () => {
      removeLeaseFile(file);
    },
  };
}
