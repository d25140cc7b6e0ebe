// SPDX-License-Identifier: MPL-2.0

import { envelopeAad, type RecipientPrivateKey, setupBaseR } from '../../crypto';
import { encodeMessage, encodeOptions, type Message, OptionCode, rewrapRelay } from '../../dhcpv6';
import {
  type CodePoints,
  decodeEncryptedQuery,
  type EncryptedQuery,
  HpkeMode,
  type InnerMessage,
  openingEnvelope,
  ProtocolError,
  queryInfo,
  type QueryProof,
  readInnerQuery,
  readQueryProof,
  readWholeQueryProof,
  ReceivingContext,
  receiverSuite,
  requireQuerySignature,
} from '../../protocol';
import type { Admission, Permit } from '../admission/admission';
import type { AuthenticatedClient, Authenticator, SignedMessage } from '../clients/authenticator';
import type { ClientDirectory } from '../clients/client-directory';
import type { ContextTable } from '../clients/context-table';
import { QueryContext } from '../clients/query-context';
import type { ServerKeys } from '../clients/server-keys';
import { type Datagram, type MessageKind, requireMode } from '../packet/datagram';
import { type HandleSource, queryHandle } from '../packet/handle';
import { lastingCopy } from '../packet/lasting-copy';
import type { PacketSource } from '../packet/packet-source';
import type { Replace, Reply } from '../packet/verdict';

export interface QueryHandlerOptions {
  readonly codePoints: CodePoints;
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
  readonly queryAuthentication: 'signed' | 'address';
  readonly keys: ServerKeys;
  readonly contexts: ContextTable;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  readonly clients: ClientDirectory;
  readonly nextHandle: HandleSource;
}

/** What is to be done with a datagram, when it is known what it is. */
export interface Task<Outcome = Replace | Reply> {
  readonly kind: MessageKind;
  /** @throws what refuses the datagram */
  readonly run: () => Outcome;
}

/** A query to one of the server's keys; it is not decrypted. */
interface AddressedQuery extends EncryptedQuery {
  readonly recipient: RecipientPrivateKey;
  readonly aad: Buffer;
}

/** Encrypted-Query: opens it, and hands Kea the message inside (docs/protocol.md 4.1 to 4.5, 8). */
export class QueryHandler {
  /** A query's Server Identifier option, which is part of its aad: the server's own, or the query is refused. */
  private readonly serverIdentifierOption: Buffer;

  constructor(private readonly options: QueryHandlerOptions) {
    const { serverIdentifier } = options;
    this.serverIdentifierOption = encodeOptions([
      { code: OptionCode.ServerIdentifier, data: serverIdentifier },
    ]);
  }

  /**
   * Tells a query that opens a context from one in an open context; nothing is decrypted yet.
   *
   * @throws DecodeError
   * @throws ProtocolError for what is refused before any public-key operation (docs/protocol.md 3), and `replayed` for a
   *   context that is closed
   */
  taskFor(datagram: Datagram): Task<Replace> {
    const query = this.read(datagram);
    const { enc } = query.envelope;
    const context = this.options.contexts.findByEnc(enc);
    if (context !== undefined) {
      return { kind: 'query', run: () => this.continueContext(context, query, datagram) };
    }
    if (this.options.contexts.wasClosed(enc)) {
      throw new ProtocolError('replayed', 'a context that is closed');
    }
    return { kind: 'opening-query', run: () => this.openContext(query, datagram) };
  }

  private read({ nest }: Datagram): AddressedQuery {
    const { codePoints, serverIdentifier, keys } = this.options;
    const query = decodeEncryptedQuery(codePoints, nest.message);
    if (!query.serverIdentifier.equals(serverIdentifier)) {
      throw new ProtocolError('server-identifier-mismatch', 'a query to another server');
    }
    const { envelope } = query;
    const recipient = keys.find(envelope.recipientTag);
    if (recipient === undefined) {
      throw new ProtocolError('recipient-unknown', "the recipient tag is none of the server's keys");
    }
    if (envelope.mode !== HpkeMode.Base) {
      throw new ProtocolError('envelope-mode', `a query in HPKE mode ${String(envelope.mode)}`);
    }
    const aad = envelopeAad(query.firstFour, this.serverIdentifierOption, envelope.header);
    return { ...query, recipient, aad };
  }

  private continueContext(context: QueryContext, query: AddressedQuery, datagram: Datagram): Replace {
    if (context.recipient !== query.recipient) {
      throw new ProtocolError('context-mismatch', 'a known enc under another recipient');
    }
    const inner = decrypt(context.receiving, query);
    this.options.clients.requireCurrent(context.client);
    this.settleProof(context, inner, query);
    this.options.contexts.touch(context);
    return this.deliver(context, inner, datagram);
  }

  /** docs/protocol.md 4.3: the query needs no proof here, but with one it could open a context elsewhere. */
  private settleProof({ client, clientKey }: QueryContext, inner: InnerMessage, query: AddressedQuery): void {
    const proof = readWholeQueryProof(this.options.codePoints, inner);
    if (proof !== undefined) {
      this.options.authenticator.settle({ identity: client, key: clientKey }, signedBy(proof, inner, query));
    }
  }

  private openContext(query: AddressedQuery, datagram: Datagram): Replace {
    const { envelope, recipient } = query;
    const permit = this.options.admission.enter(datagram.source);
    const suite = receiverSuite(envelope, recipient.public.keyType);
    const hpke = permit.run(() =>
      openingEnvelope(() => setupBaseR(suite, envelope.enc, recipient, queryInfo)),
    );
    const receiving = new ReceivingContext(HpkeMode.Base, suite, hpke);
    const inner = decrypt(receiving, query);
    const proof = readQueryProof(this.options.codePoints, inner);
    const client =
      proof === undefined
        ? this.clientByAddress(datagram.source)
        : this.prove(proof, signedBy(proof, inner, query), datagram, permit);
    const context = new QueryContext(
      this.options.nextHandle(),
      // The context outlives the datagram.
      lastingCopy(envelope.enc),
      recipient,
      client.identity,
      client.key,
      receiving,
    );
    const verdict = this.deliver(context, inner, datagram);
    this.options.contexts.add(context);
    return verdict;
  }

  /** docs/protocol.md 4.5: without a proof the sender is the client that last authenticated from that address. */
  private clientByAddress(source: PacketSource): AuthenticatedClient {
    if (this.options.queryAuthentication !== 'address') {
      throw new ProtocolError(
        'query-unsigned',
        'an opening query without Key Identifier, Timestamp and Signature',
      );
    }
    const client = this.options.clients.findByAddress(source);
    if (client === undefined) {
      throw new ProtocolError('key-unknown', 'no client has authenticated from this address');
    }
    return client;
  }

  private prove(
    { keyIdentifier, credential }: QueryProof,
    signed: SignedMessage,
    datagram: Datagram,
    permit: Permit,
  ): AuthenticatedClient {
    const { authenticator, clients } = this.options;
    authenticator.requireFresh(signed.timestamp);
    const known = credential?.kind === 'certificate' ? undefined : clients.find(keyIdentifier);
    // Nothing is recorded of a client that is not served here.
    requireMode(datagram, known?.identity.kind ?? credential?.kind);
    if (credential !== undefined) {
      return authenticator.authenticate(credential, signed, permit);
    }
    if (known === undefined) {
      throw new ProtocolError('key-unknown', 'the key has not authenticated, or its record is gone');
    }
    authenticator.authenticateKnown(known, signed, permit);
    return known;
  }

  private deliver({ client, handle }: QueryContext, inner: InnerMessage, datagram: Datagram): Replace {
    const { codePoints, clients } = this.options;
    requireMode(datagram, client.kind);
    const isUnbound = clients.requireClientIdentifier(client, inner.message) === 'unbound';
    return {
      action: 'replace',
      octets: rewrapRelay(datagram.nest, stripProtocolOptions(codePoints, inner.message) ?? inner.octets),
      credential: client.kind,
      handle: queryHandle(handle, isUnbound),
      text: client.text,
      hostIdentifier: clients.hostIdentifier(client),
    };
  }
}

function decrypt(
  receiving: ReceivingContext,
  { envelope, aad, message, serverIdentifier }: AddressedQuery,
): InnerMessage {
  const { transactionId } = message;
  return readInnerQuery(receiving.open(envelope, aad), { transactionId, serverIdentifier });
}

/** docs/protocol.md 4.3: the signature covers the context, and the Key Identifier names the key that it is made with. */
function signedBy(
  { keyIdentifier, timestamp, signature }: QueryProof,
  inner: InnerMessage,
  { aad }: AddressedQuery,
): SignedMessage {
  return {
    timestamp,
    requireSignature: (key) => {
      if (!key.keyId.equals(keyIdentifier)) {
        throw new ProtocolError('key-identifier-mismatch', "Key Identifier of another key than the sender's");
      }
      requireQuerySignature(inner, signature, aad, key);
    },
  };
}

/** docs/protocol.md 4.3: the message as Kea sees it; undefined where that is the message as it is. */
export function stripProtocolOptions({ optionCodes }: CodePoints, message: Message): Buffer | undefined {
  const own: readonly number[] = Object.values(optionCodes);
  const options = message.options.filter(({ code }) => !own.includes(code));
  return options.length === message.options.length ? undefined : encodeMessage({ ...message, options });
}
