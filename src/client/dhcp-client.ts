// SPDX-License-Identifier: MPL-2.0

import { type CodePoints, defaultCodePoints, type Signer } from '../protocol';
import { Attempt } from './exchange/attempt';
import { CleartextClient } from './clear/cleartext-client';
import { type Notice, openLink } from './exchange/link-context';
import type { ClientContext } from './servers/client-context';
import { ContextKeeper } from './servers/context-keeper';
import type { DiscoveredServer } from './servers/discovery';
import type { Environment } from './exchange/environment';
import { ClientError } from './exchange/errors';
import type { Lease } from './lease/lease';
import type { LeaseClient } from './lease/lease-client';
import type { MaxRt } from './exchange/max-rt';
import { SecureClient } from './lease/secure-client';
import { type ServerTrust, ServerVerifier } from './servers/server-verifier';
import { TimestampSource } from './exchange/timestamp-source';
import type { Transport } from './exchange/transport';
import type { LeaseRequest } from './lease/lease-request';

/** Lets a client continue in clear if encryption is not possible (RFC 7435). */
export interface OpportunisticOptions {
  /**
   * Requested in clear. Its DUID and IAID differ from those of the encrypted request, so that an observer cannot link the
   * two. The DUID is no derived one, which a server drops in clear (docs/protocol.md 5).
   */
  readonly leaseRequest: LeaseRequest;
  /** Called with the reason before anything is sent in clear. */
  announce(reason: string): void;
}

export interface DhcpClientOptions {
  readonly solution: 'A' | 'B';
  readonly signer: Signer;
  /** Shown under encryption only, in place of `signer`'s credential (docs/protocol.md 4.3). */
  readonly privateSigner: Signer | undefined;
  readonly trust: ServerTrust;
  readonly leaseRequest: LeaseRequest;
  /** Milliseconds to wait for any server to authenticate itself; undefined waits for ever. */
  readonly patience: number | undefined;
  /**
   * Milliseconds that an exchange may take in all, and the same again in clear; undefined for as long as RFC 8415 allows.
   */
  readonly attemptLimit?: number | undefined;
  readonly environment: Environment;
  readonly transport: Transport;
  readonly notice: Notice;
  /** Undefined if nothing is ever sent in clear. */
  readonly opportunistic?: OpportunisticOptions | undefined;
  readonly codePoints?: CodePoints;
  readonly signal?: AbortSignal;
  /**
   * For clients that follow each other on one interface: what servers have overridden, one series of timestamps, and the
   * open context.
   */
  readonly maxRt?: MaxRt;
  readonly timestamps?: TimestampSource;
  readonly contexts?: ContextKeeper;
}

/**
 * A DHCPv6 client: finds authenticated servers, then talks to one of them in Encrypted-Queries.
 *
 * An opportunistic client continues in clear if no server has authenticated itself in time:
 *
 * - Answers that did not verify (an untrusted certificate, another name), and servers that refused this client's
 *   credential, do not prevent that. Anyone who can forge such an answer can also suppress the true one, so a
 *   refusal would protect from nothing; the reason is announced.
 * - A known server that shows another key always prevents it (`server-key-changed`): this user has asked to be told. In
 *   solution A this includes an answer or a report that does not verify; in solution B a server's DUID is encrypted, so
 *   an answer that does not verify names no server.
 * - A server that has authenticated itself is never passed over, not even if it gives nothing or falls silent.
 *
 * A lease that was obtained encrypted is never renewed, rebound, confirmed, released or declined
 * in clear: servers drop a bound DUID in clear (docs/protocol.md 8), and it would be disclosed for nothing. One that was
 * obtained in clear needs an opportunistic client. It is released and declined in clear at once, which discloses
 * nothing new; it is extended and confirmed only while no server authenticates itself (`encryption-available`), since
 * otherwise a new lease can be encrypted.
 */
export class DhcpClient implements LeaseClient {
  private readonly secure: SecureClient;
  private readonly clear: CleartextClient | undefined;
  private readonly attempt: Attempt;

  constructor(private readonly options: DhcpClientOptions) {
    const { environment, transport, signer, notice, opportunistic, patience } = options;
    this.attempt = new Attempt(environment, options.attemptLimit);
    const link = openLink(environment, transport, notice, options.signal, options.maxRt, this.attempt);
    const now = (): number => environment.now();
    const context: ClientContext = {
      ...link,
      codePoints: options.codePoints ?? defaultCodePoints,
      signer,
      querySigner: options.privateSigner ?? signer,
      credentialInside: options.solution === 'B' || options.privateSigner !== undefined,
      timestamps: options.timestamps ?? new TimestampSource(now),
      verifier: new ServerVerifier(options.trust, now),
      contexts: options.contexts ?? new ContextKeeper(),
    };
    this.secure = new SecureClient(context, options.solution, options.leaseRequest, patience);
    this.clear = opportunistic && new CleartextClient(link, opportunistic.leaseRequest, patience);
  }

  /**
   * A lease from the authenticated server with the highest preference; if it gives no usable configuration, from the next
   * one (docs/protocol.md 5).
   *
   * @throws ClientError
   */
  async obtain(): Promise<Lease> {
    this.attempt.begin();
    const found = await this.find(() => this.secure.findForLease());
    return Array.isArray(found) ? this.secure.obtain(found) : found.obtain();
  }

  async informationRequest(): Promise<Lease> {
    this.attempt.begin();
    const information = await this.secure.informationInContext();
    if (information !== undefined) {
      return information;
    }
    const found = await this.find();
    return Array.isArray(found) ? this.secure.informationRequest(found) : found.informationRequest();
  }

  renew(lease: Lease, seconds?: number): Promise<Lease> {
    return this.whileInClear(lease, (client) => client.renew(lease, seconds));
  }

  rebind(lease: Lease, seconds?: number): Promise<Lease> {
    return this.whileInClear(lease, (client) => client.rebind(lease, seconds));
  }

  confirm(lease: Lease): Promise<boolean> {
    return this.whileInClear(lease, (client) => client.confirm(lease));
  }

  release(lease: Lease): Promise<boolean> {
    return this.toEnd(lease, (client) => client.release(lease));
  }

  decline(lease: Lease): Promise<boolean> {
    return this.toEnd(lease, (client) => client.decline(lease));
  }

  /** Authenticated servers; or the client in clear, after its use was announced. */
  private async find(
    secure = (): Promise<DiscoveredServer[]> => this.secure.find(),
  ): Promise<DiscoveredServer[] | CleartextClient> {
    try {
      return await secure();
    } catch (error) {
      if (this.clear === undefined || !isFallenBackFrom(error)) {
        throw error;
      }
      this.options.opportunistic?.announce(error.message);
      this.attempt.begin();
      return this.clear;
    }
  }

  private async whileInClear<Answer>(
    lease: Lease,
    exchange: (client: SecureClient | CleartextClient) => Promise<Answer>,
  ): Promise<Answer> {
    this.attempt.begin();
    if (lease.encrypted) {
      return this.neverInClear(exchange(this.secure));
    }
    this.requireClear();
    const found = await this.find();
    if (Array.isArray(found)) {
      const names = found.map(({ server }) => server.name).join(', ');
      throw new ClientError(
        'encryption-available',
        `the lease was obtained in clear, and a server has authenticated itself now (${names}): ` +
          'request a new lease, which will be encrypted',
      );
    }
    return exchange(found);
  }

  private async toEnd(
    lease: Lease,
    exchange: (client: SecureClient | CleartextClient) => Promise<boolean>,
  ): Promise<boolean> {
    this.attempt.begin();
    if (lease.encrypted) {
      return this.neverInClear(exchange(this.secure));
    }
    const clear = this.requireClear();
    this.options.opportunistic?.announce('the lease was obtained in clear');
    return exchange(clear);
  }

  /** Adds to an error why an exchange about an encrypted lease does not continue in clear. */
  private async neverInClear<Answer>(exchange: Promise<Answer>): Promise<Answer> {
    try {
      return await exchange;
    } catch (error) {
      const isSilence =
        isFallenBackFrom(error) || (error instanceof ClientError && error.code === 'no-answer');
      if (this.clear === undefined || !isSilence) {
        throw error;
      }
      throw new ClientError(
        error.code,
        `${error.message}; the lease was obtained encrypted, so nothing about it is sent in clear: ` +
          'a new lease can be obtained in clear, for another DUID',
        { cause: error },
      );
    }
  }

  private requireClear(): CleartextClient {
    if (this.clear === undefined) {
      throw new ClientError(
        'cleartext-lease',
        'the lease was obtained in clear, and only an opportunistic client says anything in clear ' +
          '(--opportunistic); without that, request a new lease',
      );
    }
    return this.clear;
  }
}

/** See {@link DhcpClient}. */
function isFallenBackFrom(error: unknown): error is ClientError {
  return (
    error instanceof ClientError && (error.code === 'no-server' || error.code === 'authentication-refused')
  );
}
