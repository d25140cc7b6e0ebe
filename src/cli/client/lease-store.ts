// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import {
  ClientError,
  type LeaseStore,
  livenessOf,
  readLeaseFile,
  readRunRecord,
  removeLeaseFile,
  runRecordPath,
  writeLeaseFile,
} from '../../client';

/** A lease file as a daemon's store. @param identifiers DUIDs whose leases the client may use */
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

/** @throws ClientError `lease-file` if a running client has the same lease file */
export function requireUnkept(leaseFile: string): void {
  const other = readRunRecord(runRecordPath(leaseFile));
  if (other !== undefined && livenessOf(other.process) === 'running') {
    throw new ClientError(
      'lease-file',
      `the lease file ${leaseFile} is in use by the client that runs as process ${other.process.pid}`,
    );
  }
}
