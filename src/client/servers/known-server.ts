// SPDX-License-Identifier: MPL-2.0

import { CryptoError, type KemPrivateKey, kemById } from '../../crypto';
import { CONTEXT_IDENTIFIER_LENGTH, type CodePoints, ProtocolError, QueryContext } from '../../protocol';
import type { Environment } from '../exchange/environment';
import type { ProtocolTime } from '../exchange/protocol-time';
import type { Way } from '../exchange/transport';
import type { Announced, AuthenticatedServer } from './server-verifier';

/** Milliseconds that a key has to live on for a context to be opened to it (docs/protocol.md 4.2). */
const MIN_KEY_LIFE = 60_000;

/** A context of this client, and what has been sent in it. */
export class ClientQueryContext {
  private readonly transactionIds = new Set<number>();

  private constructor(readonly query: QueryContext) {}

  /**
   * @param clientKeyId SHA-256 of the SubjectPublicKeyInfo of the key that signs
   * @throws ProtocolError `encryption-key-unusable` where nothing can be encrypted to the server's key
   */
  static open(
    codePoints: CodePoints,
    { server, encryptionKey }: Announced,
    clientKeyId: Buffer,
    random: Environment['randomOctets'],
  ): ClientQueryContext {
    const own: KemPrivateKey = kemById(encryptionKey.kemId).generateKeyPair(random);
    const recipient = {
      serverIdentifier: server.serverIdentifier,
      serverKeyId: server.key.keyId,
      encryptionKey,
    };
    const contextIdentifier = random(CONTEXT_IDENTIFIER_LENGTH);
    try {
      return new ClientQueryContext(
        new QueryContext(codePoints, recipient, { own, clientKeyId, contextIdentifier }),
      );
    } catch (error) {
      own.erase();
      if (error instanceof CryptoError) {
        const text = `the encryption key of the server ${server.name}: ${error.message}`;
        throw new ProtocolError('encryption-key-unusable', text, { cause: error });
      }
      throw error;
    }
  }

  /** Whether a query may follow in it: a response has verified, and messages are left. */
  get isUsable(): boolean {
    return this.query.isEstablished && !this.query.isSpent;
  }

  hasUsed(transactionId: number): boolean {
    return this.transactionIds.has(transactionId);
  }

  /** Notes a query that is about to be sent. */
  note(transactionId: number): void {
    this.transactionIds.add(transactionId);
  }
}

/** A server as a client keeps it from one exchange to the next: its newest key, and the context that is open with it. */
export class KnownServer {
  /** The way that its last answer came (docs/protocol.md 5.3). */
  way: Way | undefined;
  private context: ClientQueryContext | undefined;
  /** When the key ends by the clock that is never set. */
  private endsAt: number;

  constructor(
    private readonly environment: Environment,
    private readonly time: ProtocolTime,
    private announcement: Announced,
  ) {
    this.endsAt = this.endOf(announcement);
  }

  get announced(): Announced {
    return this.announcement;
  }

  get server(): AuthenticatedServer {
    return this.announcement.server;
  }

  /** Whether its key, and its certificate, are still good. */
  get isAlive(): boolean {
    return (
      this.environment.monotonic() < this.endsAt &&
      this.time.now() < this.announcement.keyEndsAt &&
      this.time.now() <= this.server.goodUntil
    );
  }

  /** Whether a context may be opened to its key (docs/protocol.md 4.2). */
  get isOpenable(): boolean {
    return (
      this.isAlive &&
      this.environment.monotonic() < this.endsAt - MIN_KEY_LIFE &&
      this.time.now() < this.announcement.keyEndsAt - MIN_KEY_LIFE
    );
  }

  /** The context that the next query goes in; undefined if it has to open one. */
  get openContext(): ClientQueryContext | undefined {
    return this.isAlive && this.context?.isUsable === true ? this.context : undefined;
  }

  /** Whether what a server told is later than what is in use. */
  isLater({ timestamp }: Announced): boolean {
    return BigInt.asIntN(64, timestamp - this.announcement.timestamp) > 0n;
  }

  /** Whether it is another key that a server told, and not earlier. */
  hasAnotherKey({ timestamp, encryptionKey }: Announced): boolean {
    return (
      BigInt.asIntN(64, timestamp - this.announcement.timestamp) >= 0n &&
      !encryptionKey.octets.equals(this.announcement.encryptionKey.octets)
    );
  }

  /**
   * Goes on with a later announcement.
   * @param hasLostContext whether it says by this that it does not know the context
   * @returns the context that is not used any more; a response in it may be on its way
   */
  adopt(announced: Announced, hasLostContext: boolean): ClientQueryContext | undefined {
    const isSameKey =
      announced.encryptionKey.octets.equals(this.announcement.encryptionKey.octets) &&
      announced.server.key.keyId.equals(this.server.key.keyId);
    this.announcement = announced;
    this.endsAt = this.endOf(announced);
    if (isSameKey && !hasLostContext) {
      return undefined;
    }
    const { context } = this;
    this.context = undefined;
    return context;
  }

  /** A response has verified in a context: queries go in it from now on. */
  establish(context: ClientQueryContext): void {
    if (this.context !== context) {
      this.context?.query.erase();
      this.context = context;
    }
  }

  isCurrent(context: ClientQueryContext): boolean {
    return this.context === context;
  }

  erase(): void {
    this.context?.query.erase();
    this.context = undefined;
  }

  private endOf({ keyEndsAt }: Announced): number {
    return this.environment.monotonic() + keyEndsAt - this.time.now();
  }
}
