// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import {
  type AnonymousIdentity,
  anonymousIdentity,
  type ProtocolTime,
  systemRandomSource,
} from '../../client';
import { UsageError } from '../errors';
import { warn } from '../print';
import { announceClear, requirePatience } from './opportunistic';
import type { ClientOptions } from './options';
import { loadSigner } from './signer';

/** Exchanges about a lease that the client had under another identity. */
const aboutAnEarlierLease = ['renew', 'rebind', 'confirm', 'release', 'decline'];

/** @throws UsageError for an exchange that an anonymous client does not have */
export function requireAnonymousExchange(exchange: string): void {
  if (aboutAnEarlierLease.includes(exchange)) {
    throw new UsageError(
      `--anonymous with ${exchange}: the lease belongs to another identity, since each lease has its own; ` +
        'run --anonymous renews and releases its own leases',
    );
  }
}

/** What `--anonymous` contradicts (docs/privacy.md), and why. */
function contradictions(options: ClientOptions): readonly (readonly [boolean, string])[] {
  const { certificate, publicCertificate, privateKey } = options;
  return [
    [publicCertificate, '--public-certificate: what is shown in clear identifies the client'],
    [
      certificate === undefined && privateKey !== undefined,
      '--private-key: a key that is used twice identifies the client, which makes one for each lease',
    ],
    [options.duid !== undefined, '--duid: the client makes one for each lease'],
    [options.iaid !== undefined, '--iaid: the client makes one for each lease'],
    [options.clearDuid !== undefined, '--clear-duid: the client makes one for each lease'],
    [options.fqdn !== undefined, '--fqdn: a host name identifies the client'],
    [
      options.requestOption.length > 0,
      '--request-option: a client that requests other options than all others can be recognised by it',
    ],
    [
      options.leaseFile !== undefined,
      '--lease-file: a lease that is kept could be recognised when it is requested again',
    ],
    [!options.release, '--no-release: the addresses would be left on the interface for the next link to see'],
  ];
}

/**
 * @param time for its timestamps
 * @returns the identity of the client for a lease, a new one at each call
 * @throws UsageError that names both options that contradict each other, PkiError
 */
export function anonymous(options: ClientOptions, time: ProtocolTime): () => AnonymousIdentity {
  const [wrong] = contradictions(options).flatMap(([isGiven, text]) => (isGiven ? [text] : []));
  if (wrong !== undefined) {
    throw new UsageError(`--anonymous with ${wrong}`);
  }
  if (options.opportunistic) {
    requirePatience(options);
  }
  if (hasHardwareAddress(options.interface)) {
    warn(
      `the link-layer address of ${options.interface} is its hardware's: anyone who sees it can recognise this host; ` +
        'randomise it too',
    );
  }
  const { address, prefix, rapidCommit } = options;
  const certified = options.certificate === undefined ? undefined : loadSigner(options);
  const announce = options.opportunistic ? announceClear : undefined;
  const request = { address, prefix, rapidCommit, certified, announce };
  return () => anonymousIdentity(request, { ...systemRandomSource, now: () => time.now() });
}

/** NET_ADDR_PERM of Linux: neither random nor configured. */
const permanent = '0';

function hasHardwareAddress(interfaceName: string): boolean {
  try {
    return readFileSync(`/sys/class/net/${interfaceName}/addr_assign_type`, 'latin1').trim() === permanent;
  } catch {
    // Opening the interface reports what is wrong with it.
    return false;
  }
}
