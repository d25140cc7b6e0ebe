// SPDX-License-Identifier: MPL-2.0

import { type CodePoints, defaultCodePoints, KemId, type Signer } from '../protocol';
import { Attempt } from './exchange/attempt';
import { CleartextClient } from './clear/cleartext-client';
import { type Notice, openLink } from './exchange/link-context';
import type { ClientContext } from './servers/client-context';
import { ContextKeeper } from './servers/context-keeper';
import type { Environment } from './exchange/environment';
import { ClientError } from './exchange/errors';
import type { Lease } from './lease/lease';
import type { LeaseClient } from './lease/lease-client';
import type { MaxRt } from './exchange/max-rt';
import { ProtocolTime } from './exchange/protocol-time';
import { SecureClient } from './lease/secure-client';
import { type ServerTrust, ServerVerifier } from './servers/server-verifier';
import { TimestampSource } from './exchange/timestamp-source';
import type { Transport } from './exchange/transport';
import type { LeaseRequest } from './lease/lease-request';

/** Lets a client continue in clear if encryption is not possible (RFC 7435). */
export interface OpportunisticOptions {
  /**
   * Requested in clear. Its DUID and IAID differ from those of the encrypted request, so that an observer cannot link the
   * two. The DUID is no derived one, which a server drops in clear (docs/protocol.md 8).
   */
  readonly leaseRequest: LeaseRequest;
  /** Called with the reason before anything is sent in clear. */
  announce(reason: string): void;
}

export interface DhcpClientOptions {
  readonly solution: 'A' | 'B';
  readonly signer: Signer;
  /** Whether the credential is shown in clear, too; by default under encryption only (docs/protocol.md 5.1, 5.2). */
  readonly showsCredential?: boolean;
  /** kem_ids, most wanted first; default X25519. */
  readonly kemList?: readonly number[];
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
  /** Takes what the user should know: by default as `notice`. */
  readonly warn?: Notice;
  /** Undefined if nothing is ever sent in clear. */
  readonly opportunistic?: OpportunisticOptions | undefined;
  readonly codePoints?: CodePoints;
  readonly signal?: AbortSignal;
  /**
   * For clients that follow each other on one interface: what servers have overridden, the time that the protocol goes by,
   * one series of timestamps, and what is known of the link.
   */
  readonly maxRt?: MaxRt;
  readonly time?: ProtocolTime;
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
 * - A known server that shows another key always prevents it (`server-key-changed`): this user has asked to be told. This
 *   includes an answer or a report that does not verify.
 * - A server that has authenticated itself and does not refuse the client is never passed over, not even if it gives
 *   nothing or falls silent.
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
    const link = openLink(
      environment,
      transport,
      notice,
      options.signal,
      options.maxRt,
      this.attempt,
      options.warn,
    );
    const codePoints = options.codePoints ?? defaultCodePoints;
    const time = options.time ?? new ProtocolTime(() => environment.now());
    const keeper = options.contexts ?? new ContextKeeper();
    const context: ClientContext = {
      ...link,
      codePoints,
      signer,
      showsCredential: options.showsCredential ?? false,
      kemList: options.kemList ?? [KemId.X25519],
      time,
      timestamps: options.timestamps ?? new TimestampSource(() => time.now()),
      verifier: new ServerVerifier(options.trust, codePoints, time),
      memory: keeper.memoryOf({ transport, signer, trust: options.trust }),
    };
    this.secure = new SecureClient(context, keeper, options.solution, options.leaseRequest, patience);
    this.clear = opportunistic && new CleartextClient(link, opportunistic.leaseRequest, patience);
  }

  /**
   * A lease from the authenticated server with the highest preference; if it gives no usable configuration, from the next
   * one (docs/protocol.md 5.1).
   *
   * @throws ClientError
   */
  obtain(): Promise<Lease> {
    return this.orInClear((client) => client.obtain());
  }

  informationRequest(): Promise<Lease> {
    return this.orInClear((client) => client.informationRequest());
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

  /** Under encryption; or in clear, after that was announced. */
  private async orInClear<Answer>(
    exchange: (client: SecureClient | CleartextClient) => Promise<Answer>,
  ): Promise<Answer> {
    this.attempt.begin();
    try {
      return await exchange(this.secure);
    } catch (error) {
      return exchange(this.fallBackFrom(error));
    }
  }

  /** The client in clear, after its use was announced. @throws what was caught, if it does not lead there */
  private fallBackFrom(error: unknown): CleartextClient {
    if (this.clear === undefined || !isFallenBackFrom(error)) {
      throw error;
    }
    this.options.opportunistic?.announce(error.message);
    this.attempt.begin();
    return this.clear;
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
    await this.requireNoServer();
    return exchange(this.requireClear());
  }

  /** A lease in clear is extended only while no server authenticates itself. @throws ClientError `encryption-available` */
  private async requireNoServer(): Promise<void> {
    let found;
    try {
      found = await this.secure.find();
    } catch (error) {
      this.fallBackFrom(error);
      return;
    }
    const names = found.map(({ server }) => server.name).join(', ');
    throw new ClientError(
      'encryption-available',
      `the lease was obtained in clear, and a server has authenticated itself now (${names}): ` +
        'request a new lease, which will be encrypted',
    );
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
