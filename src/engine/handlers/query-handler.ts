// SPDX-License-Identifier: MPL-2.0

import { type EncapsulationKey, setupBaseR } from '../../crypto';
import { encodeMessage, type Message, OptionCode, rewrapRelay } from '../../dhcpv6';
import {
  type CodePoints,
  decodeEncryptedQuery,
  type EncryptedQuery,
  HpkeMode,
  type InnerMessage,
  kemForQuery,
  type LiteralQueryProof,
  openingEnvelope,
  optionalData,
  ProtocolError,
  type QueryBinding,
  queryInfo,
  type QueryProof,
  readInnerQuery,
  readQueryProof,
  receivedSuite,
  ReceivingContext,
  requireQuerySignature,
  usableKey,
  withUsableKey,
} from '../../protocol';
import type { Admission, Permit } from '../admission/admission';
import type { RateLimiter } from '../admission/rate-limiter';
import type { AuthenticatedClient, Authenticator, SignedMessage } from '../clients/authenticator';
import type { ClientDirectory } from '../clients/client-directory';
import type { ContextTable } from '../clients/context-table';
import { leaseSender } from '../clients/lease-sender';
import { type OwnRecipient, ServerContext } from '../clients/server-context';
import type { EncryptionKeySet } from '../encryption-keys';
import { type Datagram, type MessageKind, requireMode } from '../packet/datagram';
import { EngineDrop } from '../packet/drop-reasons';
import type { HandleSource } from '../packet/handle';
import { lastingCopy } from '../packet/lasting-copy';
import type { Replace, Reply } from '../packet/verdict';
import type { Announcer } from './announcer';
import { mayBeSent, type Received, reply, retry } from './answer-bound';
import type { LiteralQueries } from './literal-queries';
import type { Senders } from './senders';

export interface QueryHandlerOptions {
  readonly codePoints: CodePoints;
  readonly solution: 'A' | 'B';
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
  readonly announcer: Announcer;
  /** kem_ids that the server offers. */
  readonly offered: readonly number[];
  readonly encryptionKeys: EncryptionKeySet;
  readonly senders: Senders;
  readonly contexts: ContextTable;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  readonly clients: ClientDirectory;
  /** Default: none are taken. */
  readonly literal?: LiteralQueries | undefined;
  /** Announcements that answer queries in unknown contexts without a verified cookie. */
  readonly announcements: RateLimiter;
  readonly nextHandle: HandleSource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is to be done with a datagram, when it is known what it is. */
export interface Task {
  readonly kind: MessageKind;
  /** @throws what refuses the datagram */
  readonly run: () => Replace | Reply;
}

/** Who opens a context, and the key that responses in it go to. */
interface Opener {
  readonly client: AuthenticatedClient;
  readonly responseKey: EncapsulationKey;
}

/** Encrypted-Query: opens it, and hands Kea the message inside (docs/protocol.md 4.1, 4.2, 8). */
export class QueryHandler {
  constructor(private readonly options: QueryHandlerOptions) {}

  /**
   * Tells a query that opens a context from one in an open context, and from one that is answered by the announcement;
   * nothing is decrypted yet.
   *
   * @throws DecodeError
   * @throws ProtocolError for what is refused before any public-key operation (docs/protocol.md 3, 4.1)
   */
  taskFor(datagram: Datagram): Task {
    const { codePoints, serverIdentifier, encryptionKeys, contexts, literal, now } = this.options;
    const query = decodeEncryptedQuery(codePoints, datagram.nest.message);
    if (!query.serverIdentifier.equals(serverIdentifier)) {
      throw new ProtocolError('server-identifier-mismatch', 'a query to another server');
    }
    const { recipientTag, contextIdentifier, enc, mode } = query.envelope;
    const recipient = encryptionKeys.find(recipientTag, now()) ?? literal?.recipient(recipientTag);
    if (recipient === undefined) {
      return this.announce(query, datagram, 'the recipient tag is of no encryption key that lives');
    }
    if (mode !== HpkeMode.Base) {
      throw new ProtocolError('envelope-mode', `a query in HPKE mode ${String(mode)}`);
    }
    const open = contexts.find(recipientTag, contextIdentifier);
    if (enc.length === 0) {
      return open.length > 0
        ? { kind: 'query', run: () => this.continueContext(open, query, datagram) }
        : this.announce(query, datagram, 'no context of this identifier is open');
    }
    if (open.some((context) => context.hasEnc(enc))) {
      throw new ProtocolError('replayed', 'a copy of the query that opened the context');
    }
    if (!contexts.hasRoom(recipientTag, contextIdentifier)) {
      throw new ProtocolError('context-mismatch', 'too many contexts of one identifier');
    }
    receivedSuite(query.envelope, recipient.privateKey.kemId);
    return { kind: 'opening-query', run: () => this.openContext(recipient, query, datagram) };
  }

  /** docs/protocol.md 3: the client learns, signed, that there is a new key; in solution B it is told to come by a Solicit. */
  private announce(query: EncryptedQuery, datagram: Datagram, text: string): Task {
    return {
      kind: 'query',
      run: () => {
        const { announcer, offered, senders, solution, announcements, now } = this.options;
        const received = senders.receive(datagram, query);
        if (solution === 'B') {
          return retry(received, announcer, text);
        }
        const kemId = kemForQuery(query.envelope.kemId, offered);
        // docs/protocol.md 7: what has a verified cookie, and Retries, are outside of the bound.
        return mayBeSent(received, announcer.announcementLength(kemId)) &&
          (received.sender.cookie !== undefined || announcements.take([], now()))
          ? reply(received, announcer.announcement(kemId, received.addressee), text)
          : retry(received, announcer, text);
      },
    };
  }

  private continueContext(
    contexts: readonly ServerContext[],
    query: EncryptedQuery,
    datagram: Datagram,
  ): Replace | Reply {
    const { context, plaintext } = openInOneOf(contexts, query);
    context.establish();
    const inner = readInner(plaintext, query);
    this.options.clients.requireCurrent(context.client);
    this.options.contexts.touch(context);
    return this.deliver(context, inner, datagram);
  }

  private openContext(recipient: OwnRecipient, query: EncryptedQuery, datagram: Datagram): Replace | Reply {
    const { codePoints, senders, admission, contexts, literal, nextHandle } = this.options;
    const { envelope } = query;
    const received = senders.receive(datagram, query);
    const permit = admission.enter(received.sender);
    const suite = receivedSuite(envelope, recipient.privateKey.kemId);
    const info = queryInfo(recipient.scope.certificate);
    const hpke = permit.run(() =>
      openingEnvelope(() => setupBaseR(suite, envelope.enc, recipient.privateKey, info)),
    );
    const receiving = new ReceivingContext(HpkeMode.Base, suite, hpke);
    const plaintext = receiving.open(envelope, query.aad);
    const inner = readInner(plaintext, query, codePoints);
    const { options } = inner.message;
    const proof =
      literal === undefined ? readQueryProof(codePoints, options) : literal.readProof(options, recipient);
    const { client, responseKey } =
      proof === undefined
        ? this.unproven(envelope.enc, datagram)
        : this.prove(proof, inner, { info, aad: query.aad }, received, permit, suite.kemId);
    const handle = nextHandle();
    // The context outlives the datagram.
    const contextIdentifier = lastingCopy(envelope.contextIdentifier);
    const { enc } = envelope;
    const parts = {
      handle,
      recipient,
      contextIdentifier,
      enc,
      client: client.identity,
      responseKey,
      receiving,
    };
    let context: ServerContext;
    try {
      // Before Kea serves the message: an answer that nobody can be given would leave a lease behind.
      context = permit.run(() => withUsableKey(() => new ServerContext(parts)));
    } catch (error) {
      receiving.erase();
      throw error;
    }
    contexts.add(context);
    return this.deliver(context, inner, datagram);
  }

  /** docs/protocol.md 9. */
  private unproven(enc: Buffer, datagram: Datagram): Opener {
    const client = this.options.literal?.senderOf(datagram.source, enc);
    if (client === undefined) {
      throw new ProtocolError('query-unsigned', 'an opening query without proof');
    }
    requireMode(datagram, client.identity.kind);
    return { client, responseKey: client.key };
  }

  private prove(
    proof: QueryProof | LiteralQueryProof,
    inner: InnerMessage,
    binding: QueryBinding,
    { datagram }: Received,
    permit: Permit,
    kemId: number,
  ): Opener {
    const { authenticator, literal } = this.options;
    authenticator.requireFresh(proof.timestamp, proof.keyIdentifier);
    const encryptionKey =
      'encryptionKey' in proof ? permit.run(() => usableKey(proof.encryptionKey, [kemId])) : undefined;
    const signed = { ...signedBy(proof, inner, binding), decrypts: encryptionKey === undefined };
    const client = this.authenticate(proof, signed, datagram, permit);
    literal?.authenticated(datagram.source, client);
    return { client, responseKey: encryptionKey ?? client.key };
  }

  private authenticate(
    { credential, keyIdentifier }: LiteralQueryProof,
    signed: SignedMessage,
    datagram: Datagram,
    permit: Permit,
  ): AuthenticatedClient {
    const { authenticator, clients } = this.options;
    if (credential !== undefined) {
      requireMode(datagram, credential.kind);
      return authenticator.authenticate(credential, signed, permit);
    }
    const known = clients.find(keyIdentifier);
    if (known === undefined) {
      throw new ProtocolError('key-unknown', 'the key has not authenticated, or its record is gone');
    }
    requireMode(datagram, known.identity.kind);
    authenticator.authenticateKnown(known, signed, permit);
    return known;
  }

  private deliver(context: ServerContext, inner: InnerMessage, datagram: Datagram): Replace {
    const { codePoints, clients } = this.options;
    const { client, handle } = context;
    requireMode(datagram, client.kind);
    // Of two, Kea and the hook might take another one each.
    optionalData(inner.message.options, OptionCode.ClientIdentifier, 'Client Identifier');
    clients.noteUse(client);
    return {
      action: 'replace',
      octets: rewrapRelay(datagram.nest, stripProtocolOptions(codePoints, inner.message) ?? inner.octets),
      credential: client.kind,
      handle,
      text: client.text,
      sender: leaseSender(client),
      hostIdentifier: clients.hostIdentifier(client),
    };
  }
}

/** @throws ProtocolError: that it is a copy where it is one in any of the contexts, else that of the last one */
function openInOneOf(
  contexts: readonly ServerContext[],
  { envelope, aad }: EncryptedQuery,
): { readonly context: ServerContext; readonly plaintext: Buffer } {
  let failure: unknown;
  for (const context of contexts) {
    try {
      return { context, plaintext: context.receiving.open(envelope, aad) };
    } catch (error) {
      failure = isCopy(failure) ? failure : error;
    }
  }
  throw failure;
}

function isCopy(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'replayed';
}

/**
 * @param codePoints of an opening query: what a relay agent's would be without is no proof
 * @throws ProtocolError
 */
function readInner(plaintext: Buffer, query: EncryptedQuery, codePoints?: CodePoints): InnerMessage {
  const { transactionId } = query.message;
  const inner = readInnerQuery(plaintext, { transactionId, serverIdentifier: query.serverIdentifier });
  if (inner.kind === 'relay') {
    if (codePoints !== undefined) {
      readQueryProof(codePoints, inner.message.options);
    }
    throw new EngineDrop('relay-agent-unknown', 'a Relay-forward of a client that is no relay agent');
  }
  return inner;
}

/** docs/protocol.md 4.2: the signature covers the context, and the Key Identifier names the key that it is made with. */
function signedBy(proof: LiteralQueryProof, inner: InnerMessage, binding: QueryBinding): SignedMessage {
  const { keyIdentifier, timestamp, signature } = proof;
  return {
    timestamp,
    requireSignature: (key) => {
      if (!key.keyId.equals(keyIdentifier)) {
        throw new ProtocolError('key-identifier-mismatch', "Key Identifier of another key than the sender's");
      }
      requireQuerySignature(inner.octets, signature, binding, key);
    },
  };
}

/** docs/protocol.md 4.2: the message as Kea sees it; undefined where that is the message as it is. */
export function stripProtocolOptions({ optionCodes }: CodePoints, message: Message): Buffer | undefined {
  const own: readonly number[] = Object.values(optionCodes);
  const options = message.options.filter(({ code }) => !own.includes(code));
  return options.length === message.options.length ? undefined : encodeMessage({ ...message, options });
}
