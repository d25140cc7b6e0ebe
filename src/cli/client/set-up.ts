// SPDX-License-Identifier: MPL-2.0

import { randomInt } from 'node:crypto';
import {
  type AnonymousIdentity,
  type DhcpClientOptions,
  freshSigner,
  type ServerTrust,
  systemEnvironment,
  type LeaseRequest,
} from '../../client';
import { deriveDuid } from '../../crypto';
import { UsageError } from '../errors';
import { printError } from '../print';
import { anonymous } from './anonymous';
import { opportunistic } from './opportunistic';
import type { ClientOptions } from './options';
import { loadSigner } from './signer';
import { serverTrust } from './trust';

/** The options of a client, apart from its link. */
export interface ClientSetUp {
  readonly client: Omit<DhcpClientOptions, 'transport' | 'signal' | 'maxRt'>;
  readonly clientIdentifier: Buffer;
  /** Undefined if nothing is sent in clear. */
  readonly clearIdentifier: Buffer | undefined;
  /** Of an anonymous client: a new identity, for another lease. */
  readonly newIdentity?: () => AnonymousIdentity;
}

/** Reads every file that the options name. @throws UsageError, PkiError, ClientError */
export function setUpClient(options: ClientOptions): ClientSetUp {
  if (options.anonymous) {
    return setUpAnonymous(options);
  }
  const signer = loadSigner(options);
  const trust = serverTrust(options);
  if (options.privateCertificate && options.certificate === undefined) {
    throw new UsageError('--private-certificate without --certificate: there is nothing to keep private');
  }
  if (options.solution === 'B' && options.rapidCommit && options.duid !== undefined) {
    throw new UsageError('with --solution B, --rapid-commit leases to the derived DUID: leave --duid out');
  }
  if (options.solution === 'B' && options.rapidCommit && options.privateCertificate) {
    throw new UsageError(
      'with --solution B, --rapid-commit leases to the key that the Solicit shows, which --private-certificate makes for that Solicit: leave one out',
    );
  }
  const derived = deriveDuid(signer.key.public.spki);
  if (options.certificate === undefined && options.duid?.equals(derived) === false) {
    throw new UsageError(
      '--duid without --certificate: servers take no DUID from a bare key but the one derived from it',
    );
  }
  const leaseRequest = leaseRequestOf(options, options.duid ?? derived);
  const clear = opportunistic(options, leaseRequest, derived);
  return {
    clientIdentifier: leaseRequest.clientIdentifier,
    clearIdentifier: clear?.leaseRequest.clientIdentifier,
    client: {
      solution: options.solution,
      signer: options.privateCertificate ? freshSigner() : signer,
      privateSigner: options.privateCertificate ? signer : undefined,
      leaseRequest,
      opportunistic: clear,
      ...surroundings(options, trust),
    },
  };
}

function setUpAnonymous(options: ClientOptions): ClientSetUp {
  const newIdentity = anonymous(options);
  const first = newIdentity();
  return {
    clientIdentifier: first.leaseRequest.clientIdentifier,
    clearIdentifier: first.opportunistic?.leaseRequest.clientIdentifier,
    client: { solution: options.solution, ...first, ...surroundings(options, serverTrust(options)) },
    newIdentity,
  };
}

function surroundings(
  { timeout, verbose }: ClientOptions,
  trust: ServerTrust,
): Pick<DhcpClientOptions, 'trust' | 'patience' | 'environment' | 'notice'> {
  return {
    trust,
    patience: timeout === 0 ? undefined : timeout * 1000,
    environment: systemEnvironment,
    notice: (text) => {
      if (verbose) {
        printError(text);
      }
    },
  };
}

function leaseRequestOf(options: ClientOptions, clientIdentifier: Buffer): LeaseRequest {
  return {
    clientIdentifier,
    iaid: options.iaid ?? defaultIaid(options),
    address: options.address,
    prefix: options.prefix,
    rapidCommit: options.rapidCommit,
    fqdn: options.fqdn,
    ...(options.requestOption.length > 0 && { moreOptions: options.requestOption }),
  };
}

/**
 * An IAID has to stay the same for an interface (RFC 8415 section 12); the user may name another. In the Solicit
 * of solution B it goes in clear, so it is random (docs/protocol.md 3); the lease keeps it.
 */
function defaultIaid(options: ClientOptions): number {
  return options.solution === 'B'
    ? randomInt(0x1_0000_0000)
    : Buffer.from(options.interface).reduce((sum, octet) => (sum * 31 + octet) >>> 0, 7);
}
