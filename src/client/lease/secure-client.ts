// SPDX-License-Identifier: MPL-2.0

import { deriveDuid } from '../../crypto';
import { freshSigner } from '../anonymity';
import { ClientError } from '../exchange/errors';
import { isRapidReply } from '../exchange/offer';
import type { ClientContext } from '../servers/client-context';
import type { ContextKeeper } from '../servers/context-keeper';
import { discover, type DiscoveredServer } from '../servers/discovery';
import { EncryptedRequests } from '../servers/encrypted-requests';
import type { ExchangeServer } from '../servers/exchange-server';
import { keyDiscovery } from '../servers/key-discovery';
import type { KeyInquiry } from '../servers/key-inquiry';
import { ExchangeScope, SecureExchange } from '../servers/secure-exchange';
import { leaseFrom } from '../servers/server-selection';
import type { AuthenticatedServer } from '../servers/server-verifier';
import { SignedSolicits } from '../servers/signed-solicits';
import { Exchanges } from './exchanges';
import type { Lease } from './lease';
import { anonymousOptions, inquiringOptions, type LeaseRequest } from './lease-request';
import { secondsToRebind, secondsToRenew } from './lease-times';

/** In the open context, and once in a new one in its place. */
const MAX_REQUESTS_IN_CONTEXT = 2;

/** Milliseconds that servers get to answer Solicits, however long they were looked for. */
const MIN_SOLICITING = 4000;

type Found = DiscoveredServer<AuthenticatedServer>;

/** A client that identifies itself only to servers that have authenticated themselves. */
export class SecureClient {
  constructor(
    private readonly context: ClientContext,
    private readonly keeper: ContextKeeper,
    private readonly solution: 'A' | 'B',
    private readonly leaseRequest: LeaseRequest,
    private readonly patience: number | undefined,
  ) {}

  /**
   * Looks for servers, and nothing more.
   * @returns at least one
   * @throws ClientError `no-server`, `authentication-refused`, `server-key-changed`
   */
  find(): Promise<Found[]> {
    return this.inScope(this.inquiry(), (scope) => this.discover(scope));
  }

  /**
   * A lease from one of the servers of the link (RFC 8415 section 18.2.1). A client whose DUID the servers take for
   * another's begins anew with its derived DUID (docs/protocol.md 8).
   */
  obtain(): Promise<Lease> {
    const { clientIdentifier } = this.leaseRequest;
    const derived = deriveDuid(this.context.signer.key.public.spki);
    const inquiry = this.inquiry(this.leaseRequest);
    return this.inScope(inquiry, async (scope) => {
      const found = await this.discover(scope);
      if (this.keeper.isRefused(clientIdentifier)) {
        return this.solicit(scope, found, derived);
      }
      try {
        return await (this.takeOffers(scope, found, derived) ?? this.solicit(scope, found, clientIdentifier));
      } catch (error) {
        if (
          !(error instanceof ClientError) ||
          error.code !== 'identity-refused' ||
          clientIdentifier.equals(derived)
        ) {
          throw error;
        }
        this.keeper.refuseIdentity(clientIdentifier);
        this.context.warn(`${error.message}; it goes on with the DUID that is derived from its key`);
        return await this.solicit(scope, found, derived);
      }
    });
  }

  /** From a server with which a context is open, if there is one that answers; else from all of the link. */
  informationRequest(): Promise<Lease> {
    return this.inScope(this.inquiry(), async (scope) => {
      const [open] = this.context.memory.open;
      if (open !== undefined) {
        const chosen = new SecureExchange(scope, [scope.serverOf(open)], true);
        const information = await this.exchanges(chosen).informationRequest({ mrc: MAX_REQUESTS_IN_CONTEXT });
        if (information !== undefined) {
          return information;
        }
      }
      const found = await this.discover(scope);
      const exchanges = this.exchanges(this.withAll(scope, found));
      const information = await exchanges.informationRequest({ mrd: this.secondsOfPatience(scope) });
      return information ?? unanswered(namesOf(found), exchanges, 'no-usable-configuration');
    });
  }

  renew(lease: Lease, bound?: number): Promise<Lease> {
    const seconds = bound ?? secondsToRenew(lease, this.now());
    return this.withServerOf(lease, async (exchanges) => {
      const answer = await exchanges.renew(lease, seconds);
      if (answer === undefined) {
        throw new ClientError('no-answer', `no server answered the Renew${exchanges.ignored}`);
      }
      return answer;
    });
  }

  rebind(lease: Lease, bound?: number): Promise<Lease> {
    const seconds = bound ?? secondsToRebind(lease, this.now());
    return this.withAnyServer(lease, 'no-usable-configuration', (exchanges) =>
      exchanges.rebind(lease, seconds),
    );
  }

  confirm(lease: Lease): Promise<boolean> {
    return this.withAnyServer(lease, 'no-answer', (exchanges) => exchanges.confirm(lease));
  }

  release(lease: Lease): Promise<boolean> {
    return this.withServerOf(lease, (exchanges) => exchanges.release(lease));
  }

  decline(lease: Lease): Promise<boolean> {
    return this.withServerOf(lease, (exchanges) => exchanges.decline(lease));
  }

  /** How servers are asked for their keys. @param leaseRequest what is wanted, if an offer is to be taken */
  private inquiry(leaseRequest?: LeaseRequest): KeyInquiry {
    const { context } = this;
    if (this.solution === 'A') {
      return new EncryptedRequests(context);
    }
    if (!context.showsCredential) {
      const options = inquiringOptions(this.leaseRequest, context.environment.randomOctets(4).readUInt32BE());
      return new SignedSolicits(context, { signer: freshSigner(), options, wantsOffer: false });
    }
    // RFC 8415 section 18.2.1: with Rapid Commit a server would lease at once what is not wanted here.
    const options = anonymousOptions(leaseRequest ?? { ...this.leaseRequest, rapidCommit: false });
    return new SignedSolicits(context, {
      signer: context.signer,
      options,
      wantsOffer: leaseRequest !== undefined,
    });
  }

  private async inScope<Value>(
    inquiry: KeyInquiry,
    act: (scope: ExchangeScope) => Promise<Value>,
  ): Promise<Value> {
    const scope = new ExchangeScope(this.context, inquiry);
    try {
      return await act(scope);
    } finally {
      scope.close();
    }
  }

  /** @param wanted the server that the exchange is with; undefined for any */
  private async discover(scope: ExchangeScope, wanted?: Buffer): Promise<Found[]> {
    const { maxRt, verifier } = this.context;
    const found = await discover(this.context, keyDiscovery(this.context, scope.inquiry, wanted), {
      solMaxRt: maxRt.solicit,
      patience: this.patience,
      wanted: wanted?.toString('hex'),
      isAnyWanted: verifier.trust.serverName !== undefined,
    });
    for (const { server } of found) {
      scope.noteAnswered(server);
    }
    return found;
  }

  /**
   * Undefined if the servers that were found have offered nothing yet. What they have committed already is for the derived
   * DUID (docs/protocol.md 5.2).
   */
  private takeOffers(
    scope: ExchangeScope,
    found: readonly Found[],
    derived: Buffer,
  ): Promise<Lease> | undefined {
    const candidates = found.flatMap(({ server, offer }) => {
      if (offer === undefined) {
        return [];
      }
      const { leaseRequest } = this;
      const own = isRapidReply(offer) ? { ...leaseRequest, clientIdentifier: derived } : leaseRequest;
      return [{ name: server.name, exchanges: this.exchanges(this.withOne(scope, server), own), offer }];
    });
    return candidates.length === 0 ? undefined : leaseFrom(candidates, this.context.notice);
  }

  private solicit(scope: ExchangeScope, found: readonly Found[], clientIdentifier: Buffer): Promise<Lease> {
    return this.solicitFrom(scope, this.withAll(scope, found), { ...this.leaseRequest, clientIdentifier });
  }

  /** If what is offered comes to nothing, the servers that were too slow to offer anything get another Solicit. */
  private async solicitFrom(
    scope: ExchangeScope,
    servers: SecureExchange,
    leaseRequest: LeaseRequest,
  ): Promise<Lease> {
    const exchanges = this.exchanges(servers, leaseRequest);
    const offers = await exchanges.solicit(this.secondsOfPatience(scope));
    const candidates = offers.flatMap((offer) => {
      const server = servers.senderOf(offer);
      return server === undefined
        ? []
        : [
            {
              server,
              name: server.name,
              exchanges: this.exchanges(servers.only(server), leaseRequest),
              offer,
            },
          ];
    });
    if (candidates.length === 0) {
      return unanswered(servers.names, exchanges, 'no-usable-configuration');
    }
    try {
      return await leaseFrom(candidates, this.context.notice);
    } catch (error) {
      const left = servers.without(candidates.map(({ server }) => server));
      if (!(error instanceof ClientError) || error.code !== 'no-usable-configuration' || left === undefined) {
        throw error;
      }
      return this.solicitFrom(scope, left, leaseRequest);
    }
  }

  private secondsOfPatience({ began }: ExchangeScope): number {
    if (this.patience === undefined) {
      return 0;
    }
    const left = began + this.patience - this.context.environment.monotonic();
    return Math.max(left, MIN_SOLICITING) / 1000;
  }

  private withAnyServer<Answer>(
    lease: Lease,
    code: 'no-usable-configuration' | 'no-answer',
    exchange: (exchanges: Exchanges) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    this.context.memory.beginWith(lease.way);
    return this.inScope(this.inquiry(), async (scope) => {
      const found = await this.discover(scope);
      const exchanges = this.exchanges(this.withAll(scope, found), this.requestOf(lease));
      return this.noting(
        lease,
        async () => (await exchange(exchanges)) ?? unanswered(namesOf(found), exchanges, code),
      );
    });
  }

  /** With the server of a lease, which is asked for its key first if none is kept that lives. */
  private withServerOf<Answer>(
    lease: Lease,
    exchange: (exchanges: Exchanges) => Promise<Answer>,
  ): Promise<Answer> {
    this.context.memory.beginWith(lease.way);
    return this.inScope(this.inquiry(), async (scope) => {
      const kept = this.context.memory.find(lease.serverIdentifier);
      const server = kept?.server ?? (await this.findServerOf(scope, lease));
      return this.noting(lease, () =>
        exchange(this.exchanges(this.withOne(scope, server, scope.began), this.requestOf(lease))),
      );
    });
  }

  private async findServerOf(scope: ExchangeScope, lease: Lease): Promise<AuthenticatedServer> {
    const found = await this.discover(scope, Buffer.from(lease.serverIdentifier, 'hex'));
    const same = found.find(
      ({ server }) => server.serverIdentifier.toString('hex') === lease.serverIdentifier,
    );
    if (same === undefined) {
      throw new ClientError(
        'no-server',
        `the server of the lease, ${lease.serverName}, did not authenticate itself`,
      );
    }
    return same.server;
  }

  /** A DUID that was refused is not used for a new lease. */
  private async noting<Answer>(lease: Lease, exchange: () => Promise<Answer>): Promise<Answer> {
    try {
      return await exchange();
    } catch (error) {
      if (error instanceof ClientError && error.code === 'identity-refused') {
        this.keeper.refuseIdentity(Buffer.from(lease.clientIdentifier, 'hex'));
      }
      throw error;
    }
  }

  private withAll(scope: ExchangeScope, found: readonly Found[]): SecureExchange {
    return new SecureExchange(
      scope,
      found.flatMap(({ server }) => this.serverOf(scope, server)),
      false,
      scope.began,
    );
  }

  /** @param began of a message that the server was looked for to send */
  private withOne(scope: ExchangeScope, server: AuthenticatedServer, began?: number): SecureExchange {
    return new SecureExchange(scope, this.serverOf(scope, server), true, began);
  }

  private serverOf(scope: ExchangeScope, { serverIdentifier }: AuthenticatedServer): ExchangeServer[] {
    const known = this.context.memory.find(serverIdentifier.toString('hex'));
    return known === undefined ? [] : [scope.serverOf(known)];
  }

  private exchanges(peer: SecureExchange, leaseRequest = this.leaseRequest): Exchanges {
    return new Exchanges(peer, leaseRequest, () => this.now(), this.context.maxRt);
  }

  /** A lease stays with the DUID that it was obtained with. */
  private requestOf({ clientIdentifier }: Lease): LeaseRequest {
    return { ...this.leaseRequest, clientIdentifier: Buffer.from(clientIdentifier, 'hex') };
  }

  private now(): number {
    return this.context.environment.now();
  }
}

function namesOf(found: readonly Found[]): string[] {
  return found.map(({ server }) => server.name);
}

/** @throws ClientError `code` that names the servers */
function unanswered(
  names: readonly string[],
  { ignored }: Exchanges,
  code: 'no-usable-configuration' | 'no-answer',
): never {
  const texts = names.map((name) => `the server ${name} did not answer`);
  throw new ClientError(code, `${texts.join('; ')}${ignored}`);
}
