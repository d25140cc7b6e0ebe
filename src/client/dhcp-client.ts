// SPDX-License-Identifier: MPL-2.0

import { RecipientPublicKey } from '../crypto';
import type { Message } from '../dhcpv6';
import { type CodePoints, defaultCodePoints, type Signer } from '../protocol';
import { encryptedRequests } from './authentication';
import type { ClientContext, Notice } from './context';
import type { Environment } from './environment';
import { discover, type DiscoveredServer } from './discovery';
import { ClientError } from './errors';
import { anonymousOptions, Exchanges, type Wishes } from './exchanges';
import { Inbox } from './inbox';
import type { Lease } from './lease';
import { DEFAULT_MAX_RT } from './retransmission';
import { SecureServer } from './secure-server';
import { type AuthenticatedServer, type ServerTrust, ServerVerifier } from './server-verifier';
import { solicits } from './solicit-discovery';
import { TimestampSource } from './timestamp-source';
import type { Transport } from './transport';

export interface DhcpClientOptions {
  readonly solution: 'A' | 'B';
  readonly signer: Signer;
  /** Shown under encryption only, in place of `signer`'s credential (docs/protocol.md 4.3). */
  readonly privateSigner: Signer | undefined;
  readonly trust: ServerTrust;
  readonly wishes: Wishes;
  /** Milliseconds to wait for any server to authenticate itself; undefined waits for ever. */
  readonly patience: number | undefined;
  readonly environment: Environment;
  readonly transport: Transport;
  readonly notice: Notice;
  readonly codePoints?: CodePoints;
  readonly signal?: AbortSignal;
}

/** A DHCPv6 client: finds authenticated servers, then talks to one of them in Encrypted-Queries. */
export class DhcpClient {
  private readonly context: ClientContext;

  constructor(private readonly options: DhcpClientOptions) {
    const { environment, transport, signer, notice } = options;
    const inbox = new Inbox(environment, options.signal);
    transport.onMessage((octets) => {
      inbox.push(octets);
    });
    transport.onProblem((error) => {
      notice(`a datagram could not be sent: ${error.message}`);
    });
    const now = (): number => environment.now();
    this.context = {
      codePoints: options.codePoints ?? defaultCodePoints,
      signer,
      querySigner: options.privateSigner ?? signer,
      credentialInside: options.solution === 'B' || options.privateSigner !== undefined,
      environment,
      inbox,
      transport,
      timestamps: new TimestampSource(now),
      verifier: new ServerVerifier(options.trust, now),
      notice,
    };
  }

  /**
   * A lease from the first authenticated server that gives one (docs/protocol.md 5: if one gives no usable
   * configuration, the client goes on with the next).
   */
  obtain(): Promise<Lease> {
    return this.fromAnyServer((exchanges, offer) =>
      offer === undefined ? exchanges.obtain() : exchanges.accept(offer),
    );
  }

  informationRequest(): Promise<Lease> {
    return this.fromAnyServer((exchanges) => exchanges.informationRequest());
  }

  async renew(lease: Lease): Promise<Lease> {
    const { t2 } = soonest(lease);
    const exchanges = await this.withServerOf(lease);
    return answered(await exchanges.renew(lease, this.remaining(lease, t2)), 'Renew');
  }

  rebind(lease: Lease): Promise<Lease> {
    const remaining = this.remaining(lease, longestLifetime(lease));
    return this.fromAnyServer((exchanges) => exchanges.rebind(lease, remaining));
  }

  /** @returns whether the addresses still fit the link */
  async confirm(lease: Lease): Promise<boolean> {
    const [found] = await this.discover();
    return answered(await this.exchanges(found?.server).confirm(lease), 'Confirm');
  }

  /** @returns whether the server has confirmed it */
  async release(lease: Lease): Promise<boolean> {
    return (await this.withServerOf(lease)).release(lease);
  }

  /** @returns whether the server has confirmed it */
  async decline(lease: Lease): Promise<boolean> {
    return (await this.withServerOf(lease)).decline(lease);
  }

  private discover(): Promise<DiscoveredServer[]> {
    const limits = { solMaxRt: DEFAULT_MAX_RT, patience: this.options.patience };
    const method =
      this.options.solution === 'A'
        ? encryptedRequests(this.context)
        : solicits(this.context, anonymousOptions(this.options.wishes));
    return discover(this.context, method, limits);
  }

  private exchanges(server: AuthenticatedServer | undefined): Exchanges {
    if (server === undefined) {
      throw new ClientError('no-server', 'no server authenticated itself');
    }
    const { environment, wishes } = this.options;
    return new Exchanges(new SecureServer(this.context, server), wishes, () => environment.now());
  }

  /** The server of a lease; in solution B it is known by the key that the lease came with. */
  private async withServerOf(lease: Lease): Promise<Exchanges> {
    if (this.options.solution === 'B') {
      const key = RecipientPublicKey.fromSpki(Buffer.from(lease.serverKey, 'hex'));
      const serverIdentifier = Buffer.from(lease.serverIdentifier, 'hex');
      return this.exchanges({ key, serverIdentifier, name: lease.serverName });
    }
    const found = await this.discover();
    const same = found.find(
      ({ server }) => server.serverIdentifier.toString('hex') === lease.serverIdentifier,
    );
    if (same === undefined) {
      throw new ClientError(
        'no-server',
        `the server of the lease, ${lease.serverName}, did not authenticate itself`,
      );
    }
    return this.exchanges(same.server);
  }

  private async fromAnyServer(
    ask: (exchanges: Exchanges, offer: Message | undefined) => Promise<Lease | undefined>,
  ): Promise<Lease> {
    const failures: string[] = [];
    for (const { server, offer } of await this.discover()) {
      try {
        const lease = await ask(this.exchanges(server), offer);
        if (lease !== undefined) {
          return lease;
        }
        failures.push(`the server ${server.name} did not answer`);
      } catch (error) {
        if (!(error instanceof ClientError) || error.code === 'stopped') {
          throw error;
        }
        failures.push(error.message);
      }
      this.context.notice(failures.at(-1) ?? '');
    }
    throw new ClientError('no-usable-configuration', failures.join('; '));
  }

  /** Seconds that are left of a time that began when the lease was obtained; at least one try's worth. */
  private remaining(lease: Lease, seconds: number): number {
    const passed = (this.options.environment.now() - lease.obtained) / 1000;
    return Math.max(shortestTry, seconds - passed);
  }
}

/** Seconds; asked explicitly to renew, a client tries at least this long. */
const shortestTry = 15;

/** RFC 8415 section 14.2: of several associations the earliest times count. */
function soonest(lease: Lease): { readonly t2: number } {
  const times = [...lease.addresses, ...lease.prefixes].map(({ t2 }) => t2).filter((t2) => t2 > 0);
  return { t2: times.length > 0 ? Math.min(...times) : shortestTry };
}

function longestLifetime(lease: Lease): number {
  const items = [...lease.addresses, ...lease.prefixes].flatMap(
    (association): { validLifetime: number }[] => [...association.items],
  );
  return Math.max(shortestTry, ...items.map(({ validLifetime }) => validLifetime));
}

function answered<Answer>(answer: Answer | undefined, name: string): Answer {
  if (answer === undefined) {
    throw new ClientError('no-answer', `no server answered the ${name}`);
  }
  return answer;
}
