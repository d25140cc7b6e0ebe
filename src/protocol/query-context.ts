// SPDX-License-Identifier: MPL-2.0

import {
  type EphemeralInput,
  HpkeMode,
  kemById,
  type KemPrivateKey,
  type KemPublicKey,
  setupBaseR,
  setupBaseS,
  setupPskR,
  wipe,
} from '../crypto';
import { encodeMessage, type Message } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { decodeEncryptedResponse, encodeEncryptedQuery, type EncryptedMessage } from './encrypted-query';
import { ProtocolError } from './errors';
import {
  queryInfo,
  recipientTag,
  RESPONSE_PSK_LENGTH,
  responseInfo,
  responsePskContext,
} from './hpke-labels';
import { type InnerMessage, type InnerRelay, readInnerResponse } from './inner-message';
import { encodeSignedInner, type QuerySigning } from './opening-query';
import { UNLIMITED_LIFETIME } from './options';
import { openingEnvelope, receivedSuite, ReceivingContext } from './receiving-context';
import { SealingContext } from './sealing-context';

/** A server keeps one response context per query context; a receiver drops what would be a fifth (docs/protocol.md 4.1). */
const MAX_RESPONSE_CONTEXTS = 4;

/** What a server has told of itself, as far as its queries need it. */
export interface QueryRecipient {
  readonly serverIdentifier: Buffer;
  /** SHA-256 of the SubjectPublicKeyInfo of its certificate. */
  readonly serverKeyId: Buffer;
  readonly encryptionKey: KemPublicKey;
}

/** The client's own part in a context. */
export interface QueryContextOptions {
  /** Its Encryption Key, made for this context: of the KEM of the server's. The context erases it. */
  readonly own: KemPrivateKey;
  /** SHA-256 of the SubjectPublicKeyInfo of the key that signs. */
  readonly clientKeyId: Buffer;
  /** 16 random octets. */
  readonly contextIdentifier: Buffer;
  /** Only to reproduce known answers. */
  readonly ephemeral?: EphemeralInput;
}

/** The client's side of one query context: seals queries to one server, and opens its responses (docs/protocol.md 4.1). */
export class QueryContext {
  private readonly sealing: SealingContext;
  private readonly info: Buffer;
  /** By enc. */
  private readonly responses = new Map<string, ReceivingContext>();
  private established = false;

  constructor(
    private readonly codePoints: CodePoints,
    readonly recipient: QueryRecipient,
    private readonly options: QueryContextOptions,
  ) {
    const { encryptionKey, serverKeyId } = recipient;
    const kem = kemById(encryptionKey.kemId);
    const suite = { kemId: kem.kemId, kdfId: kem.kdfId, aeadId: kem.aeadId };
    this.info = queryInfo(serverKeyId);
    const { enc, context } = setupBaseS(suite, encryptionKey, this.info, options.ephemeral);
    this.sealing = new SealingContext({
      mode: HpkeMode.Base,
      suite,
      recipientTag: recipientTag(kem.kemId, encryptionKey.octets),
      contextIdentifier: options.contextIdentifier,
      enc,
      context,
    });
  }

  /** Whether a response has verified: only then may a query follow the one that opened the context (docs/protocol.md 4.1). */
  get isEstablished(): boolean {
    return this.established;
  }

  /** Whether the last query that may be sent in it was (docs/protocol.md 4.1). */
  get isSpent(): boolean {
    return this.sealing.isSpent;
  }

  /** The Encrypted-Query that opens the context; a retransmission opens another one (docs/protocol.md 4.2). */
  open(message: Message, signing: Omit<QuerySigning, 'encryptionKey'>, cookie?: Buffer): Buffer {
    const { kemId, octets: publicKey } = this.options.own.public;
    const encryptionKey = { kemId, lifetime: UNLIMITED_LIFETIME, publicKey };
    return this.encode(message, cookie, (aad) =>
      encodeSignedInner(this.codePoints, message, { info: this.info, aad }, { ...signing, encryptionKey }),
    );
  }

  /** The Encrypted-Query that carries `message` in the established context. */
  seal(message: Message, cookie?: Buffer): Buffer {
    return this.encode(message, cookie, () => encodeMessage(message));
  }

  private encode(message: Message, cookie: Buffer | undefined, inner: (aad: Buffer) => Buffer): Buffer {
    const { serverIdentifier } = this.recipient;
    const head = { transactionId: message.transactionId, serverIdentifier, cookie };
    return encodeEncryptedQuery(this.codePoints, head, (firstFour, serverIdentifierOption) => {
      const prepared = this.sealing.prepare(firstFour, serverIdentifierOption);
      return this.sealing.seal(prepared, inner(prepared.aad));
    });
  }

  /**
   * The inner message of an Encrypted-Response to a query of this context (docs/protocol.md 4.3).
   *
   * @throws {@link ProtocolError} where it is none, or not to this transaction
   */
  openResponse(octets: Buffer, transactionId: number): InnerMessage | InnerRelay {
    const response = decodeEncryptedResponse(this.codePoints, octets);
    if (response.message.transactionId !== transactionId) {
      throw new ProtocolError('unexpected-message-type', 'the answer to another transaction');
    }
    const { envelope } = response;
    if (envelope.mode !== HpkeMode.Psk) {
      throw new ProtocolError('envelope-mode', `a response in HPKE mode ${String(envelope.mode)}`);
    }
    if (!envelope.recipientTag.every((octet) => octet === 0)) {
      throw new ProtocolError('recipient-unknown', 'a response with a recipient tag');
    }
    if (!envelope.contextIdentifier.equals(this.options.contextIdentifier)) {
      throw new ProtocolError('context-unknown', 'a response in another context');
    }
    const plaintext = this.openPlaintext(response);
    const { serverIdentifier } = this.recipient;
    const inner = readInnerResponse(plaintext, { transactionId, serverIdentifier });
    if (!this.established) {
      this.established = true;
      this.sealing.omitEnc();
    }
    return inner;
  }

  private openPlaintext({ envelope, aad }: EncryptedMessage): Buffer {
    if (envelope.enc.length === 0) {
      return this.openKnown([...this.responses.values()], envelope, aad);
    }
    const key = envelope.enc.toString('latin1');
    const known = this.responses.get(key);
    if (known !== undefined) {
      return known.open(envelope, aad);
    }
    if (this.responses.size >= MAX_RESPONSE_CONTEXTS) {
      throw new ProtocolError('context-unknown', 'a response in one context too many');
    }
    const { own, clientKeyId, contextIdentifier } = this.options;
    const suite = receivedSuite(envelope, own.kemId);
    const psk = this.sealing.export(responsePskContext, RESPONSE_PSK_LENGTH);
    const info = responseInfo(clientKeyId, this.recipient.serverKeyId);
    const context = openingEnvelope(() => setupPskR(suite, envelope.enc, own, info, psk, contextIdentifier));
    wipe(psk);
    const opened = new ReceivingContext(HpkeMode.Psk, suite, context);
    const plaintext = opened.open(envelope, aad);
    this.responses.set(key, opened);
    return plaintext;
  }

  /** A response without enc is tried in each context that is known (docs/protocol.md 4.1). */
  private openKnown(
    contexts: readonly ReceivingContext[],
    envelope: EncryptedMessage['envelope'],
    aad: Buffer,
  ): Buffer {
    let failure: unknown = new ProtocolError('context-unknown', 'a response without enc in no known context');
    for (const context of contexts) {
      try {
        return context.open(envelope, aad);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Overwrites its keys, and the client's Encryption Key. */
  erase(): void {
    this.sealing.erase();
    for (const context of this.responses.values()) {
      context.erase();
    }
    this.responses.clear();
    this.options.own.erase();
  }
}

/** What a client reads the answer to its solution B Solicit by. */
export interface SolicitKeys {
  /** Of the Encryption Key in the Solicit. */
  readonly own: KemPrivateKey;
  readonly clientKeyId: Buffer;
  readonly serverKeyId: Buffer;
}

/**
 * The inner message of the Encrypted-Response to a Solicit: mode base (docs/protocol.md 4.3). Only once its outer
 * signature has verified.
 *
 * @throws {@link ProtocolError}
 */
export function openSignedResponse(
  codePoints: CodePoints,
  octets: Buffer,
  { own, clientKeyId, serverKeyId }: SolicitKeys,
  serverIdentifier: Buffer,
): InnerMessage {
  const { message, envelope, aad } = decodeEncryptedResponse(codePoints, octets);
  if (envelope.mode !== HpkeMode.Base) {
    throw new ProtocolError('envelope-mode', `a response in HPKE mode ${String(envelope.mode)}`);
  }
  if (!envelope.recipientTag.every((octet) => octet === 0)) {
    throw new ProtocolError('recipient-unknown', 'a response with a recipient tag');
  }
  const suite = receivedSuite(envelope, own.kemId);
  const info = responseInfo(clientKeyId, serverKeyId);
  const context = openingEnvelope(() => setupBaseR(suite, envelope.enc, own, info));
  const plaintext = new ReceivingContext(HpkeMode.Base, suite, context).open(envelope, aad);
  context.wipe();
  const { transactionId } = message;
  const inner = readInnerResponse(plaintext, { transactionId, serverIdentifier });
  if (inner.kind !== 'message') {
    throw new ProtocolError('inner-message-type', 'a Relay-reply to a Solicit');
  }
  return inner;
}
