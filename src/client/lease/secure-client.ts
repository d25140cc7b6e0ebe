// SPDX-License-Identifier: MPL-2.0

import { RecipientPublicKey } from '../../crypto';
import { encryptedRequests } from '../servers/authentication';
import type { ClientContext } from '../servers/client-context';
import type { OpenContext } from '../servers/context-keeper';
import { discover, type DiscoveredServer } from '../servers/discovery';
import { ClientError } from '../exchange/errors';
import { Exchanges } from './exchanges';
import type { Lease } from './lease';
import { secondsToRebind, secondsToRenew } from './lease-times';
import { Retransmission } from '../exchange/retransmission';
import type { QuerySender } from '../../protocol';
import { groundOf, SecureServer } from '../servers/secure-server';
import { type Candidate, firstAnswer, leaseFrom } from '../servers/server-selection';
import type { AuthenticatedServer } from '../servers/server-verifier';
import { solicits } from '../servers/solicit-discovery';
import { anonymousOptions, type LeaseRequest } from './lease-request';

/** Information-requests to one server before the client turns to the next. */
const MAX_REQUESTS_PER_SERVER = 4;

/** One in the context that is open, and one in a new context in its place. */
const MAX_REQUESTS_IN_CONTEXT = 2;

/** Rebinds to one server; after the last server the client has to look for servers again. */
const MAX_REBINDS_PER_SERVER = 2;

/** A client that identifies itself only to servers that have authenticated themselves. */
export class SecureClient {
  constructor(
    private readonly context: ClientContext,
    private readonly solution: 'A' | 'B',
    private readonly leaseRequest: LeaseRequest,
    private readonly patience: number | undefined,
  ) {}

  /**
   * @param wanted DUID in hexadecimal of the server that the exchange is with; undefined for any
   * @returns at least one server
   * @throws ClientError `no-server`, `authentication-refused`, `server-key-changed`
   */
  find(wanted?: string): Promise<DiscoveredServer[]> {
    // RFC 8415 section 18.2.1: with Rapid Commit a server would lease at once what is not wanted here.
    return this.look({ ...this.leaseRequest, rapidCommit: false }, wanted);
  }

  /** Likewise, of servers to {@link obtain} a lease from. @throws ClientError as {@link find} */
  findForLease(): Promise<DiscoveredServer[]> {
    return this.look(this.leaseRequest);
  }

  private look(leaseRequest: LeaseRequest, wanted?: string): Promise<DiscoveredServer[]> {
    const limits = { solMaxRt: this.context.maxRt.solicit, patience: this.patience, wanted };
    const method =
      this.solution === 'A'
        ? encryptedRequests(this.context)
        : solicits(this.context, anonymousOptions(leaseRequest));
    return discover(this.context, method, limits);
  }

  /** A lease from one of the servers found. @throws ClientError `no-usable-configuration`, `stopped` */
  obtain(found: readonly DiscoveredServer[]): Promise<Lease> {
    return leaseFrom(this.candidates(found), this.context.notice);
  }

  /** From the server of the open context; undefined if there is none, or it gives nothing. */
  async informationInContext(): Promise<Lease | undefined> {
    const open = this.openContext();
    if (open === undefined) {
      return undefined;
    }
    const { server, sender } = open;
    const candidate = { name: server.name, exchanges: this.exchanges(server, sender), offer: undefined };
    try {
      return await firstAnswer([candidate], this.context.notice, 'no-answer', (exchanges) =>
        exchanges.informationRequest({ mrc: MAX_REQUESTS_IN_CONTEXT }),
      );
    } catch (error) {
      if (error instanceof ClientError && error.code === 'no-answer') {
        return undefined;
      }
      throw error;
    }
  }

  /** @throws ClientError `no-usable-configuration`, `stopped` */
  informationRequest(found: readonly DiscoveredServer[]): Promise<Lease> {
    return this.firstAnswer(found, 'no-usable-configuration', (exchanges) =>
      exchanges.informationRequest({ mrc: MAX_REQUESTS_PER_SERVER }),
    );
  }

  async renew(lease: Lease, bound?: number): Promise<Lease> {
    const seconds = bound ?? secondsToRenew(lease, this.now());
    const answer = await (await this.withServerOf(lease)).renew(lease, seconds);
    if (answer === undefined) {
      throw new ClientError('no-answer', 'no server answered the Renew');
    }
    return answer;
  }

  /**
   * A Rebind is for every server of the link, and some do not answer it. Encrypted, it goes to one after the other, and
   * they share the time. The lease's own server comes first, since another one may end a lease that it does not know.
   */
  async rebind(lease: Lease, bound?: number): Promise<Lease> {
    const seconds = bound ?? secondsToRebind(lease, this.now());
    const found = await this.find();
    const isOwn = ({ server }: DiscoveredServer): boolean =>
      server.serverIdentifier.toString('hex') === lease.serverIdentifier;
    const ordered = [...found.filter(isOwn), ...found.filter((one) => !isOwn(one))];
    return this.firstAnswer(ordered, 'no-usable-configuration', (exchanges) =>
      exchanges.rebind(lease, seconds / found.length, MAX_REBINDS_PER_SERVER),
    );
  }

  /** Likewise. */
  async confirm(lease: Lease): Promise<boolean> {
    const found = await this.find();
    const seconds = Retransmission.confirm.mrd / found.length;
    return this.firstAnswer(found, 'no-answer', (exchanges) => exchanges.confirm(lease, seconds));
  }

  async release(lease: Lease): Promise<boolean> {
    return (await this.withServerOf(lease)).release(lease);
  }

  async decline(lease: Lease): Promise<boolean> {
    return (await this.withServerOf(lease)).decline(lease);
  }

  private firstAnswer<Answer>(
    found: readonly DiscoveredServer[],
    code: 'no-usable-configuration' | 'no-answer',
    exchange: (exchanges: Exchanges) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    return firstAnswer(this.candidates(found), this.context.notice, code, exchange);
  }

  private candidates(found: readonly DiscoveredServer[]): Candidate<Exchanges>[] {
    return found.map(({ server, offer }) => ({
      name: server.name,
      exchanges: this.exchanges(server),
      offer,
    }));
  }

  /** @param sender of a context with it that is open */
  private exchanges(server: AuthenticatedServer, sender?: QuerySender): Exchanges {
    return new Exchanges(
      new SecureServer(this.context, server, sender),
      this.leaseRequest,
      () => this.now(),
      this.context.maxRt,
    );
  }

  private openContext(): OpenContext | undefined {
    return this.context.contexts.find(groundOf(this.context), this.now());
  }

  /**
   * The server of a lease, in the open context with it if there is one: it falls back by itself to a new one, and
   * to a new authentication (docs/protocol.md 4.3). In solution B it is known by the key that the lease came with.
   */
  private async withServerOf(lease: Lease): Promise<Exchanges> {
    const open = this.openContext();
    if (open?.server.serverIdentifier.toString('hex') === lease.serverIdentifier) {
      return this.exchanges(open.server, open.sender);
    }
    if (this.solution === 'B') {
      const key = RecipientPublicKey.fromSpki(Buffer.from(lease.serverKey, 'hex'));
      const serverIdentifier = Buffer.from(lease.serverIdentifier, 'hex');
      return this.exchanges({ key, serverIdentifier, name: lease.serverName, goodUntil: Infinity });
    }
    const found = await this.find(lease.serverIdentifier);
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

  private now(): number {
    return this.context.environment.now();
  }
}
