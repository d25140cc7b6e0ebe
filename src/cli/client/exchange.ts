// SPDX-License-Identifier: MPL-2.0

import {
  ClientError,
  DhcpClient,
  type Lease,
  openUdpTransport,
  readLeaseFile,
  removeLeaseFile,
  requireWritableLeaseFile,
  systemEnvironment,
  writeLeaseFile,
} from '../../client';
import { UsageError } from '../errors';
import { print, printJsonLine } from '../print';
import { requireAnonymousExchange } from './anonymous';
import { leaseJson } from './lease-json';
import { requireUnkept } from './lease-store';
import { leaseLines } from './lease-text';
import type { ClientOptions } from './options';
import { type ClientSetUp, setUpClient } from './set-up';
import { timestampSource } from './timestamps';

/** The sub-commands that are one exchange of RFC 8415 section 18.2, and what each does. */
export const exchanges = [
  { name: 'lease', does: 'get a lease (the default)' },
  { name: 'renew', does: 'extend the lease of --lease-file with its server' },
  { name: 'rebind', does: 'extend the lease of --lease-file with any server' },
  { name: 'confirm', does: 'ask whether the addresses of --lease-file still fit the link' },
  { name: 'release', does: 'give the lease of --lease-file back' },
  { name: 'decline', does: 'say that other hosts use the addresses of --lease-file' },
  { name: 'information-request', does: 'request configuration without a lease' },
] as const;
export type Exchange = (typeof exchanges)[number]['name'];

/** Exchanges that bring a lease to keep: without a writable lease file they do not begin. */
const keepsLease: readonly Exchange[] = ['lease', 'renew', 'rebind'];

/** One exchange with servers, from the options to what is printed. @throws UsageError, PkiError, ClientError */
export async function runExchange(exchange: Exchange, options: ClientOptions): Promise<void> {
  if (!options.address && !options.prefix && exchange !== 'information-request') {
    throw new UsageError('--no-address without --prefix requests nothing');
  }
  if (options.anonymous) {
    requireAnonymousExchange(exchange);
  }
  requireNoRunOptions(exchange, options);
  if (options.leaseFile !== undefined) {
    requireUnkept(options.leaseFile);
    if (keepsLease.includes(exchange)) {
      requireWritableLeaseFile(options.leaseFile);
    }
  }
  const setUp = setUpClient(options);
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { patience = Infinity } = setUp.client;
  const until = systemEnvironment.monotonic() + patience;
  const transport = await openUdpTransport({
    interfaceName: options.interface,
    addressTimeout: Math.min(10_000, patience),
    signal: stop.signal,
  });
  try {
    const client = new DhcpClient({
      timestamps: timestampSource(options, setUp.client.time),
      ...setUp.client,
      attemptLimit: until - systemEnvironment.monotonic(),
      transport,
      signal: stop.signal,
    });
    await new ExchangeRun(client, options, setUp).run(exchange);
  } finally {
    await transport.close();
  }
}

/** Refuses options that only the client daemon can obey. */
function requireNoRunOptions(exchange: Exchange, options: ClientOptions): void {
  const given = {
    '--dry-run': options.dryRun,
    '--script': options.script !== undefined,
    '--downstream': options.downstream.length > 0,
    // For an anonymous client another message says why it cannot keep a lease.
    '--no-release': !options.release && !options.anonymous,
  };
  for (const [name, isGiven] of Object.entries(given)) {
    if (isGiven) {
      throw new UsageError(`${name} with ${exchange}: it is an option of client run`);
    }
  }
}

class ExchangeRun {
  constructor(
    private readonly client: DhcpClient,
    private readonly options: ClientOptions,
    private readonly identity: Pick<
      ClientSetUp,
      'clientIdentifier' | 'derivedIdentifier' | 'clearIdentifier'
    >,
  ) {}

  async run(exchange: Exchange): Promise<void> {
    switch (exchange) {
      case 'lease':
        this.keep(exchange, await this.client.obtain());
        return;
      case 'renew':
      case 'rebind':
        this.keep(exchange, await this.extend(exchange, this.lease()));
        return;
      case 'confirm': {
        const lease = this.lease();
        this.confirmed(lease, await this.client.confirm(lease));
        return;
      }
      case 'release':
      case 'decline': {
        const lease = this.lease();
        this.ended(exchange, lease, await this.client[exchange](lease));
        return;
      }
      case 'information-request':
        this.print(exchange, await this.client.informationRequest());
    }
  }

  /** Removes a lease that its server has ended (RFC 8415 section 18.2.10.1). */
  private async extend(exchange: 'renew' | 'rebind', lease: Lease): Promise<Lease> {
    try {
      return await this.client[exchange](lease);
    } catch (error) {
      if (
        error instanceof ClientError &&
        (error.code === 'lease-ended' || error.code === 'identity-refused')
      ) {
        this.forget();
      }
      throw error;
    }
  }

  private lease(): Lease {
    const { leaseFile } = this.options;
    if (leaseFile === undefined) {
      throw new UsageError('this exchange is about a lease: name its file with --lease-file');
    }
    const lease = readLeaseFile(leaseFile);
    const { clientIdentifier, derivedIdentifier, clearIdentifier } = this.identity;
    // Without a DUID for use in clear the client itself refuses a lease in clear.
    const own = (lease.encrypted ? clientIdentifier : clearIdentifier)?.toString('hex');
    // A server may have taken the configured DUID for that of another client (docs/protocol.md 8).
    const isDerived = lease.encrypted && lease.clientIdentifier === derivedIdentifier.toString('hex');
    if (own !== undefined && lease.clientIdentifier !== own && !isDerived) {
      throw new ClientError(
        'lease-of-another-client',
        `the lease in ${leaseFile} belongs to DUID ${lease.clientIdentifier}, this client has ${own}`,
      );
    }
    return lease;
  }

  private keep(exchange: Exchange, lease: Lease): void {
    if (this.options.leaseFile !== undefined) {
      writeLeaseFile(this.options.leaseFile, lease);
    }
    this.print(exchange, lease);
  }

  private print(exchange: Exchange, lease: Lease): void {
    this.say(leaseJson(exchange, lease), leaseLines(lease));
  }

  private confirmed({ encrypted }: Lease, fits: boolean): void {
    this.say({ event: 'confirm', encrypted, onLink: fits }, [`on link: ${fits ? 'yes' : 'no'}`]);
    if (!fits) {
      process.exitCode = 1;
    }
  }

  /** The lease or address is given up even if the server does not answer (RFC 8415 sections 18.2.7 and 18.2.8). */
  private ended(exchange: 'release' | 'decline', lease: Lease, acknowledged: boolean): void {
    const { encrypted } = lease;
    const { leaseFile } = this.options;
    if (exchange === 'decline' && lease.prefixes.length > 0 && leaseFile !== undefined) {
      // Prefixes are never declined.
      writeLeaseFile(leaseFile, { ...lease, addresses: [] });
    } else {
      this.forget();
    }
    const text = acknowledged ? 'the server has confirmed it' : 'the server did not answer';
    this.say({ event: exchange, encrypted, acknowledged }, [`${exchange}: ${text}`]);
  }

  private say(json: unknown, lines: readonly string[]): void {
    if (this.options.json) {
      printJsonLine(json);
    } else {
      print(...lines);
    }
  }

  private forget(): void {
    if (this.options.leaseFile !== undefined) {
      removeLeaseFile(this.options.leaseFile);
    }
  }
}
