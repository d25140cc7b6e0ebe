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
import type { Wishes } from './lease/wishes';

/** Lets a client go on in clear where encryption is not possible (RFC 7435). */
export interface OpportunisticOptions {
  /**
   * Asked for in clear. Its DUID and IAID are others than the encrypted wishes', and no derived DUID (docs/protocol.md
   * 5), which a server drops in clear; an observer could tie the two together otherwise.
   */
  readonly wishes: Wishes;
  /** Hears why, before anything is sent in clear. */
  announce(reason: string): void;
}

export interface DhcpClientOptions {
  readonly solution: 'A' | 'B';
  readonly signer: Signer;
  /** Shown under encryption only, in place of `signer`'s credential (docs/protocol.md 4.3). */
  readonly privateSigner: Signer | undefined;
  readonly trust: ServerTrust;
  readonly wishes: Wishes;
  /** Milliseconds to wait for any server to authenticate itself; undefined waits for ever. */
  readonly patience: number | undefined;
  /**
   * Milliseconds that an exchange may take in all, once more where it goes on in clear; undefined takes as long as RFC
   * 8415 lets it.
   */
  readonly attemptLimit?: number | undefined;
  readonly environment: Environment;
  readonly transport: Transport;
  readonly notice: Notice;
  /** Undefined where nothing is ever sent in clear. */
  readonly opportunistic?: OpportunisticOptions | undefined;
  readonly codePoints?: CodePoints;
  readonly signal?: AbortSignal;
  /**
   * For clients that follow each other on one interface: what servers have overridden, one series of timestamps, and the
   * context that they go on with.
   */
  readonly maxRt?: MaxRt;
  readonly timestamps?: TimestampSource;
  readonly contexts?: ContextKeeper;
}

/**
 * A DHCPv6 client: finds authenticated servers, then talks to one of them in Encrypted-Queries.
 *
 * An opportunistic one goes on in clear when no server has authenticated itself in time:
 *
 * - Answers that did not verify (an untrusted certificate, another name), and servers that refused this client's
 *   credential, do not keep it from that. Whoever can forge such an answer can also suppress the true one, so that a
 *   refusal would protect from nothing; the reason is announced.
 * - A known server that shows another key does, always (`server-key-changed`): this user has asked to be told. In
 *   solution A that holds even for an answer or a report that does not verify; in solution B a server's DUID is under
 *   the encryption, so that an answer that does not verify is nobody's.
 * - A server that has authenticated itself is never passed over, not even if it gives nothing or falls silent.
 *
 * A lease stays what it is. One that was obtained encrypted is never renewed, rebound, confirmed, released or declined
 * in clear: servers drop a bound DUID in clear (docs/protocol.md 8), and it would be shown for nothing. One that was
 * obtained in clear needs an opportunistic client; it is released and declined in clear at once, for that shows
 * nothing new, but it is prolonged and confirmed only while no server authenticates itself
 * (`encryption-available`): a fresh lease can be encrypted then, and the DUID in clear stays unknown there.
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
    this.secure = new SecureClient(context, options.solution, options.wishes, patience);
    this.clear = opportunistic && new CleartextClient(link, opportunistic.wishes, patience);
  }

  /**
   * A lease from the authenticated server that wants to give it most; if one gives no usable configuration, the client
   * goes on with the next (docs/protocol.md 5).
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

  /** Authenticated servers; or the client that goes on in clear, which has been announced then. */
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
    ask: (client: SecureClient | CleartextClient) => Promise<Answer>,
  ): Promise<Answer> {
    this.attempt.begin();
    if (lease.encrypted) {
      return this.neverInClear(ask(this.secure));
    }
    this.requireClear();
    const found = await this.find();
    if (Array.isArray(found)) {
      const names = found.map(({ server }) => server.name).join(', ');
      throw new ClientError(
        'encryption-available',
        `the lease was obtained in clear, and a server has authenticated itself now (${names}): ` +
          'ask for a fresh lease, which will be encrypted',
      );
    }
    return ask(found);
  }

  private async toEnd(
    lease: Lease,
    ask: (client: SecureClient | CleartextClient) => Promise<boolean>,
  ): Promise<boolean> {
    this.attempt.begin();
    if (lease.encrypted) {
      return this.neverInClear(ask(this.secure));
    }
    const clear = this.requireClear();
    this.options.opportunistic?.announce('the lease was obtained in clear');
    return ask(clear);
  }

  /** Tells whoever would expect it why an exchange about an encrypted lease does not go on in clear. */
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
          'a fresh lease can be had in clear, to another DUID',
        { cause: error },
      );
    }
  }

  private requireClear(): CleartextClient {
    if (this.clear === undefined) {
      throw new ClientError(
        'cleartext-lease',
        'the lease was obtained in clear, and only an opportunistic client says anything in clear ' +
          '(--opportunistic); without that, ask for a fresh lease',
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
