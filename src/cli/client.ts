// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  clearIdentity,
  ClientError,
  DhcpClient,
  type DhcpClientOptions,
  type Downstream,
  type Lease,
  openUdpTransport,
  parseDownstream,
  type OpportunisticOptions,
  readLeaseFile,
  removeLeaseFile,
  ServerPins,
  type ServerTrust,
  systemEnvironment,
  TimestampSource,
  type Wishes,
  writeLeaseFile,
} from '../client';
import { deriveDuid, isDerivedDuid, RecipientPrivateKey } from '../crypto';
import { isDuidLength, parseDuid } from '../dhcpv6';
import { loadIdentity, loadTrustStore, privateKeyExposure, readPrivateKey } from '../pki';
import type { Signer } from '../protocol';
import { runDaemon } from './client/run';
import { UsageError } from './errors';

const exchanges = [
  'lease',
  'renew',
  'rebind',
  'release',
  'decline',
  'confirm',
  'information-request',
] as const;
/** Not one exchange, but all of them as they become due. */
const endless = 'run';
type Exchange = (typeof exchanges)[number];

interface ClientCommandOptions {
  readonly interface: string;
  readonly certificate?: string;
  readonly privateKey: string;
  readonly privateCertificate: boolean;
  readonly solution: 'A' | 'B';
  readonly trustAnchors?: string[];
  readonly trustOnFirstUse?: string;
  readonly intermediates: string[];
  readonly crls: string[];
  readonly serverName?: string;
  readonly prefix: boolean;
  readonly address: boolean;
  readonly rapidCommit: boolean;
  readonly duid?: Buffer;
  readonly iaid?: number;
  readonly fqdn?: string;
  readonly leaseFile?: string;
  readonly opportunistic: boolean;
  readonly clearDuid?: Buffer;
  readonly timeout: number;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly release: boolean;
  readonly dryRun: boolean;
  readonly script?: string;
  readonly downstream: readonly Downstream[];
  readonly requestOption: readonly number[];
}

function isExchange(name: string): name is Exchange {
  return exchanges.some((exchange) => exchange === name);
}

function duid(text: string): Buffer {
  try {
    const octets = parseDuid(text);
    if (isDuidLength(octets.length)) {
      return octets;
    }
  } catch {
    // Said below, in the same words.
  }
  throw new InvalidArgumentError('a DUID in hexadecimal is expected, such as 00:03:00:01:02:03:04:05:06:07');
}

function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`a whole number from ${minimum} to ${maximum} is expected`);
    }
    return value;
  };
}

/**
 * An IAID has to stay the same for an interface (RFC 8415 section 12); the user may name another. In the Solicit
 * of solution B it goes in clear, so it is random (docs/protocol.md 3); the lease keeps it.
 */
function defaultIaid(options: ClientCommandOptions): number {
  return options.solution === 'B'
    ? randomInt(0x1_0000_0000)
    : Buffer.from(options.interface).reduce((sum, octet) => (sum * 31 + octet) >>> 0, 7);
}

function loadSigner(options: ClientCommandOptions): Signer {
  const exposure = privateKeyExposure(options.privateKey);
  if (exposure !== undefined) {
    process.stderr.write(`kea-encryption: ${exposure}\n`);
  }
  if (options.certificate === undefined) {
    return { key: RecipientPrivateKey.fromKeyObject(readPrivateKey(options.privateKey)), chain: [] };
  }
  const { privateKey, chain } = loadIdentity({
    certificate: options.certificate,
    privateKey: options.privateKey,
    purpose: 'client',
    now: Date.now(),
  });
  return { key: privateKey, chain };
}

function serverTrust(options: ClientCommandOptions): ServerTrust {
  const { trustAnchors, trustOnFirstUse, serverName } = options;
  if (trustAnchors === undefined && trustOnFirstUse === undefined) {
    throw new UsageError(
      '--trust-anchors says which authorities to trust (or --trust-on-first-use, where to pin)',
    );
  }
  const { intermediates, crls } = options;
  return {
    store: trustAnchors && loadTrustStore({ anchors: trustAnchors, intermediates, crls }),
    pins: trustOnFirstUse === undefined ? undefined : ServerPins.open(trustOnFirstUse),
    serverName,
  };
}

/** docs/protocol.md 4.3: a key that nobody has seen before says nothing about the client. */
function freshSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { key: RecipientPrivateKey.fromKeyObject(privateKey), chain: [] };
}

function leaseText(lease: Lease): string {
  const lines = [
    ...(lease.encrypted ? [] : ['NOT ENCRYPTED, server not authenticated']),
    `server ${lease.serverName} (${lease.serverIdentifier})`,
  ];
  for (const { iaid, items } of lease.addresses) {
    for (const { address, preferredLifetime, validLifetime } of items) {
      lines.push(`address ${address} preferred ${preferredLifetime} valid ${validLifetime} iaid ${iaid}`);
    }
  }
  for (const { iaid, items } of lease.prefixes) {
    for (const { prefix, preferredLifetime, validLifetime } of items) {
      lines.push(`prefix ${prefix} preferred ${preferredLifetime} valid ${validLifetime} iaid ${iaid}`);
    }
  }
  const { dnsServers, domainSearch, fqdn } = lease.configuration;
  lines.push(...dnsServers.map((server) => `dns-server ${server}`));
  lines.push(...domainSearch.map((domain) => `domain-search ${domain}`));
  lines.push(...(fqdn === undefined ? [] : [`fqdn ${fqdn}`]));
  return lines.join('\n');
}

/** One line for programs: what happened, and the lease where there is one. */
function leaseJson(event: Exchange, lease: Lease): string {
  return JSON.stringify({
    event,
    encrypted: lease.encrypted,
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
  });
}

class ClientRun {
  constructor(
    private readonly client: DhcpClient,
    private readonly options: ClientCommandOptions,
    private readonly clientIdentifier: Buffer,
    /** Undefined where nothing is sent in clear. */
    private readonly clearIdentifier: Buffer | undefined,
  ) {}

  async run(exchange: Exchange): Promise<void> {
    switch (exchange) {
      case 'lease':
        this.keep(exchange, await this.client.obtain());
        return;
      case 'renew':
        this.keep(exchange, await this.client.renew(this.lease()));
        return;
      case 'rebind':
        this.keep(exchange, await this.client.rebind(this.lease()));
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

  private lease(): Lease {
    const { leaseFile } = this.options;
    if (leaseFile === undefined) {
      throw new UsageError('this exchange is about a lease: --lease-file says where it is');
    }
    const lease = readLeaseFile(leaseFile);
    // Without a DUID for use in clear a lease in clear is of no use: the client says so.
    const own = (lease.encrypted ? this.clientIdentifier : this.clearIdentifier)?.toString('hex');
    if (own !== undefined && lease.clientIdentifier !== own) {
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
    console.log(this.options.json ? leaseJson(exchange, lease) : leaseText(lease));
  }

  private confirmed({ encrypted }: Lease, fits: boolean): void {
    const { json } = this.options;
    console.log(
      json
        ? JSON.stringify({ event: 'confirm', encrypted, onLink: fits })
        : `on link: ${fits ? 'yes' : 'no'}`,
    );
    if (!fits) {
      process.exitCode = 1;
    }
  }

  /** The lease is over whether the server has said so or not (RFC 8415 sections 18.2.7 and 18.2.8). */
  private ended(exchange: Exchange, { encrypted }: Lease, acknowledged: boolean): void {
    const { json, leaseFile } = this.options;
    if (leaseFile !== undefined) {
      removeLeaseFile(leaseFile);
    }
    const text = acknowledged ? 'the server has confirmed it' : 'the server did not answer';
    console.log(json ? JSON.stringify({ event: exchange, encrypted, acknowledged }) : `${exchange}: ${text}`);
  }
}

const noServer = 3;

/**
 * What `--opportunistic` allows (RFC 7435). In clear the client has a DUID and an IAID of their own, and shows no host
 * name, for `--fqdn` promises to encrypt it.
 */
function opportunistic(options: ClientCommandOptions, encrypted: Wishes): OpportunisticOptions | undefined {
  const { clearDuid, leaseFile } = options;
  if (!options.opportunistic) {
    if (clearDuid !== undefined) {
      throw new UsageError('--clear-duid without --opportunistic: nothing is ever sent in clear');
    }
    return undefined;
  }
  if (options.timeout === 0) {
    throw new UsageError('--opportunistic with --timeout 0: the client would look for encryption for ever');
  }
  if (clearDuid?.equals(encrypted.clientIdentifier) === true) {
    throw new UsageError('--clear-duid is the DUID used under encryption, which is to be seen by nobody');
  }
  if (clearDuid !== undefined && isDerivedDuid(clearDuid)) {
    throw new UsageError(
      '--clear-duid has the form of a DUID derived from a key, which servers drop in clear',
    );
  }
  const kept = leaseFile !== undefined && existsSync(leaseFile) ? readLeaseFile(leaseFile) : undefined;
  return {
    wishes: { ...encrypted, ...clearIdentity(kept, clearDuid, randomBytes), fqdn: undefined },
    announce: (reason) => {
      const text =
        `NOT ENCRYPTED: encryption was not possible (${reason}); going on in clear: what this client asks for, with a ` +
        'DUID and IAID of their own, and what servers answer, addresses included, can be read and changed on the way';
      console.error(`kea-encryption: WARNING: ${text.replaceAll(/\p{Cc}+/gu, ' ')}`);
    },
  };
}

async function runClient(exchange: Exchange | typeof endless, options: ClientCommandOptions): Promise<void> {
  if (!options.address && !options.prefix && exchange !== 'information-request' && exchange !== endless) {
    throw new UsageError('--no-address without --prefix asks for nothing');
  }
  const signer = loadSigner(options);
  const trust = serverTrust(options);
  if (options.privateCertificate && options.certificate === undefined) {
    throw new UsageError('--private-certificate without --certificate: there is nothing to keep private');
  }
  if (options.solution === 'B' && options.rapidCommit && options.duid !== undefined) {
    throw new UsageError('with --solution B, --rapid-commit leases to the derived DUID: leave --duid out');
  }
  const clientIdentifier = options.duid ?? deriveDuid(signer.key.public.spki);
  const wishes: Wishes = {
    clientIdentifier,
    iaid: options.iaid ?? defaultIaid(options),
    address: options.address,
    prefix: options.prefix,
    rapidCommit: options.rapidCommit,
    fqdn: options.fqdn,
    ...(options.requestOption.length > 0 && { moreOptions: options.requestOption }),
  };
  const clear = opportunistic(options, wishes);
  const common: Omit<DhcpClientOptions, 'transport' | 'signal'> = {
    solution: options.solution,
    signer: options.privateCertificate ? freshSigner() : signer,
    privateSigner: options.privateCertificate ? signer : undefined,
    trust,
    wishes,
    opportunistic: clear,
    patience: options.timeout === 0 ? undefined : options.timeout * 1000,
    environment: systemEnvironment,
    notice: (text) => {
      if (options.verbose) {
        console.error(text);
      }
    },
  };
  const clearIdentifier = clear?.wishes.clientIdentifier;
  if (exchange === endless) {
    const timestamps = new TimestampSource(() => systemEnvironment.now());
    await runDaemon({
      interfaceName: options.interface,
      stateless: !options.address && !options.prefix,
      release: options.release,
      dryRun: options.dryRun,
      json: options.json,
      script: options.script,
      downstreams: options.downstream,
      leaseFile: options.leaseFile,
      identifiers: [clientIdentifier, ...(clearIdentifier ? [clearIdentifier] : [])].map((own) =>
        own.toString('hex'),
      ),
      giveUpAfter: clear ? undefined : common.patience,
      createClient: (transport, signal, maxRt) =>
        new DhcpClient({ ...common, transport, signal, maxRt, timestamps }),
    });
    return;
  }
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const transport = await openUdpTransport({
    interfaceName: options.interface,
    addressTimeout: 10_000,
    signal: stop.signal,
  });
  try {
    const client = new DhcpClient({ ...common, transport, signal: stop.signal });
    await new ClientRun(client, options, clientIdentifier, clearIdentifier).run(exchange);
  } finally {
    await transport.close();
  }
}

function downstream(text: string, before: readonly Downstream[]): readonly Downstream[] {
  const parsed = parseDownstream(text);
  if (parsed === undefined) {
    throw new InvalidArgumentError('an interface is expected, or interface/number of the /64');
  }
  return [...before, parsed];
}

function optionCode(text: string, before: readonly number[]): readonly number[] {
  return [...before, wholeNumber(1, 0xffff)(text)];
}

/** `kea-encryption client`: one exchange of encrypted DHCPv6, and its result. */
export function registerClientCommand(program: Command): void {
  program
    .command('client')
    .description('get, renew, rebind, confirm, release or decline a lease over encrypted DHCPv6')
    .argument('[exchange]', `one of ${exchanges.join(', ')}, or run`, 'lease')
    .requiredOption('--interface <name>', 'network interface')
    .option(
      '--certificate <file>',
      'PEM: own certificate and intermediates; without it the bare key is shown',
    )
    .requiredOption('--private-key <file>', 'PEM: own private key')
    .option('--private-certificate', 'show the certificate only under encryption', false)
    .addOption(
      new Option('--solution <solution>', 'which mechanism the server runs').choices(['A', 'B']).default('A'),
    )
    .option('--trust-anchors <files...>', "PEM or DER: authorities for servers' certificates")
    .option(
      '--trust-on-first-use <file>',
      'keep the keys of servers in this file and refuse changed ones; without --trust-anchors any new server is trusted',
    )
    .option('--intermediates <files...>', 'further certificates to build paths with', [])
    .option('--crls <files...>', 'certificate revocation lists', [])
    .option('--server-name <name>', "DNS name or URI that the server's certificate must have")
    .option('--prefix', 'ask for a delegated prefix too', false)
    .option('--no-address', 'do not ask for an address')
    .option('--rapid-commit', 'take a two-message exchange where the server offers it', false)
    .option('--duid <hex>', 'DUID to use; by default the one derived from the key', duid)
    .addOption(
      new Option(
        '--iaid <number>',
        'IAID of address and prefix; by default one made from the interface name',
      ).argParser(wholeNumber(0, 0xffff_ffff)),
    )
    .option('--fqdn <name>', 'host name to send, encrypted')
    .option('--lease-file <file>', 'where the lease is kept between exchanges')
    .option(
      '--opportunistic',
      'go on in clear where no server authenticates itself in time (RFC 7435); without it nothing is sent in clear',
      false,
    )
    .option(
      '--clear-duid <hex>',
      'DUID to use in clear; by default a random one that the lease file keeps',
      duid,
    )
    .option('--timeout <seconds>', 'how long to look for a server; 0 is for ever', wholeNumber(0, 86_400), 30)
    .option('--no-release', 'run: keep the lease at the end')
    .option('--dry-run', 'run: change nothing on this host', false)
    .option('--script <file>', "run: program to call at events, with odhcp6c's arguments and variables")
    .option(
      '--downstream <interface>',
      'run: gets a /64 out of a delegated prefix; interface/N gets the one of number N; may be repeated',
      downstream,
      [],
    )
    .option('--request-option <code>', 'ask for this option too; may be repeated', optionCode, [])
    .option('--json', 'print JSON, one line an event', false)
    .option('--verbose', 'say on standard error what was ignored and why', false)
    .addHelpText(
      'after',
      `
run: gets a lease and keeps it, one process for each interface: addresses are put on the interface, delegated prefixes on
--downstream interfaces, DNS servers into resolvconf where there is one. It looks for a server for ever, unless --timeout
is given, and with --no-address and no --prefix asks for information only. SIGUSR1 renews, SIGUSR2 releases and waits for
SIGUSR1, SIGTERM and SIGINT release and end.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no server authenticated itself (with --opportunistic: nor
answered in clear).

--opportunistic: the client looks for an authenticated server as always, for --timeout. If there is none, it says so on
standard error and goes on in clear, with a DUID and IAID of their own and without --fqdn. Servers that could not be
authenticated (unknown authority, wrong name) or that refused this client do not keep it from that, for whoever can
forge such an answer can suppress the true one too. A server whose key differs from the one that --trust-on-first-use
has kept does, always. A server that has authenticated itself is never passed over. A lease obtained encrypted is
never renewed, released or declined in clear; one obtained in clear needs the option for that, and is not renewed once
a server authenticates itself: ask for a fresh lease then.

Examples:
  kea-encryption client --interface eth0 --certificate host.pem --private-key host.key \\
    --trust-anchors ca.pem --server-name dhcp.example.com --prefix --lease-file lease.json
  kea-encryption client release --interface eth0 --certificate host.pem --private-key host.key \\
    --trust-anchors ca.pem --lease-file lease.json`,
    )
    .action(async (exchange: string, given: ClientCommandOptions, command: Command) => {
      if (!isExchange(exchange) && exchange !== endless) {
        throw new UsageError(`${JSON.stringify(exchange)} is none of ${exchanges.join(', ')}, ${endless}`);
      }
      const isPatient =
        exchange === endless && !given.opportunistic && command.getOptionValueSource('timeout') === 'default';
      const options = isPatient ? { ...given, timeout: 0 } : given;
      try {
        await runClient(exchange, options);
      } catch (error) {
        if (error instanceof ClientError && error.code === 'no-server') {
          console.error(`kea-encryption: ${error.message}`);
          process.exitCode = noServer;
          return;
        }
        throw error;
      }
    });
}
