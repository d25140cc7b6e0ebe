// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { clearIdentity, type OpportunisticOptions, readLeaseFile, type LeaseRequest } from '../../client';
import { UsageError } from '../errors';
import { warn } from '../print';
import type { ClientOptions } from './options';

/**
 * What `--opportunistic` allows (RFC 7435). In clear the client has a DUID and an IAID of their own, and shows no host
 * name, since `--fqdn` promises to encrypt it.
 * @param derived the DUID derived from the client's key
 * @returns undefined if nothing is ever sent in clear
 * @throws UsageError, ClientError `lease-file`
 */
export function opportunistic(
  options: ClientOptions,
  leaseRequest: LeaseRequest,
  derived: Buffer,
): OpportunisticOptions | undefined {
  const { clearDuid, leaseFile } = options;
  if (!options.opportunistic) {
    if (clearDuid !== undefined) {
      throw new UsageError('--clear-duid without --opportunistic: nothing is ever sent in clear');
    }
    return undefined;
  }
  requirePatience(options);
  if (clearDuid?.equals(leaseRequest.clientIdentifier) === true) {
    throw new UsageError('--clear-duid is the DUID used under encryption, which must not be disclosed');
  }
  if (clearDuid?.equals(derived) === true) {
    throw new UsageError('--clear-duid is the DUID derived from the key, which servers drop in clear');
  }
  const kept = leaseFile !== undefined && existsSync(leaseFile) ? readLeaseFile(leaseFile) : undefined;
  return {
    leaseRequest: { ...leaseRequest, ...clearIdentity(kept, clearDuid, randomBytes), fqdn: undefined },
    announce: announceClear,
  };
}

/** @throws UsageError if the client would never continue in clear */
export function requirePatience({ timeout }: ClientOptions): void {
  if (timeout === 0) {
    throw new UsageError('--opportunistic with --timeout 0: the client would look for encryption for ever');
  }
}

/** Tells the user, before anything is sent in clear. */
export function announceClear(reason: string): void {
  const text =
    `NOT ENCRYPTED: encryption was not possible (${reason}); continuing in clear: what this client requests, with a ` +
    'DUID and IAID of their own, and what servers answer, addresses included, can be read and changed on the way';
  warn(`WARNING: ${text}`);
}
