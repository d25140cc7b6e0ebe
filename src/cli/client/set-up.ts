// SPDX-License-Identifier: MPL-2.0

import { randomInt } from 'node:crypto';
import {
  type AnonymousIdentity,
  type DhcpClientOptions,
  type ProtocolTime,
  type ServerTrust,
  systemEnvironment,
  type LeaseRequest,
} from '../../client';
import { deriveDuid, kems } from '../../crypto';
import { UsageError } from '../errors';
import { printError, warn } from '../print';
import { anonymous } from './anonymous';
import { opportunistic } from './opportunistic';
import type { ClientOptions } from './options';
import { loadSigner } from './signer';
import { protocolTime } from './timestamps';
import { serverTrust } from './trust';

/** The options of a client, apart from its link. */
export interface ClientSetUp {
  readonly client: Omit<DhcpClientOptions, 'transport' | 'signal' | 'maxRt'> & {
    readonly time: ProtocolTime;
  };
  readonly clientIdentifier: Buffer;
  /** The DUID derived from its key. */
  readonly derivedIdentifier: Buffer;
  /** Undefined if nothing is sent in clear. */
  readonly clearIdentifier: Buffer | undefined;
  /** Of an anonymous client: a new identity, for another lease. */
  readonly newIdentity?: () => AnonymousIdentity;
}

/**
 * Reads every file that the options name.
 * @param time of a client that goes on
 * @throws UsageError, PkiError, ClientError
 */
export function setUpClient(options: ClientOptions, time = protocolTime(options)): ClientSetUp {
  if (options.anonymous) {
    return setUpAnonymous(options, time);
  }
  const signer = loadSigner(options);
  const trust = serverTrust(options);
  const { solution, rapidCommit, publicCertificate, duid } = options;
  if (solution === 'B' && rapidCommit && publicCertificate && duid !== undefined) {
    throw new UsageError(
      'with --solution B and --public-certificate, --rapid-commit leases to the derived DUID: leave --duid out',
    );
  }
  const derived = deriveDuid(signer.key.public.spki);
  if (options.certificate === undefined && duid?.equals(derived) === false) {
    throw new UsageError(
      '--duid without --certificate: servers take no DUID from a bare key but the one derived from it',
    );
  }
  const leaseRequest = leaseRequestOf(options, duid ?? derived);
  const clear = opportunistic(options, leaseRequest, derived);
  return {
    clientIdentifier: leaseRequest.clientIdentifier,
    derivedIdentifier: derived,
    clearIdentifier: clear?.leaseRequest.clientIdentifier,
    client: {
      solution,
      signer,
      leaseRequest,
      opportunistic: clear,
      ...surroundings(options, trust),
      time,
    },
  };
}

function setUpAnonymous(options: ClientOptions, time: ProtocolTime): ClientSetUp {
  const newIdentity = anonymous(options, time);
  const first = newIdentity();
  return {
    clientIdentifier: first.leaseRequest.clientIdentifier,
    derivedIdentifier: first.leaseRequest.clientIdentifier,
    clearIdentifier: first.opportunistic?.leaseRequest.clientIdentifier,
    client: { solution: options.solution, ...first, ...surroundings(options, serverTrust(options)), time },
    newIdentity,
  };
}

function surroundings(
  { timeout, verbose, publicCertificate, kem }: ClientOptions,
  trust: ServerTrust,
): Pick<
  DhcpClientOptions,
  'trust' | 'showsCredential' | 'kemList' | 'patience' | 'environment' | 'notice' | 'warn'
> {
  return {
    trust,
    showsCredential: publicCertificate,
    kemList: kem.map(kemIdOf),
    patience: timeout === 0 ? undefined : timeout * 1000,
    environment: systemEnvironment,
    notice: (text) => {
      if (verbose) {
        printError(text);
      }
    },
    warn,
  };
}

function kemIdOf(name: string): number {
  const kem = kems.find((one) => one.name === name);
  if (kem === undefined) {
    throw new UsageError(
      `--kem ${JSON.stringify(name)}: one of ${kems.map((one) => one.name).join(', ')} is expected`,
    );
  }
  return kem.kemId;
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
 * of solution B of a client that shows its credential it goes in clear, so it is random (docs/protocol.md 3); the lease
 * keeps it.
 */
function defaultIaid(options: ClientOptions): number {
  return options.solution === 'B' && options.publicCertificate
    ? randomInt(0x1_0000_0000)
    : Buffer.from(options.interface).reduce((sum, octet) => (sum * 31 + octet) >>> 0, 7);
}
