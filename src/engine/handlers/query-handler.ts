// SPDX-License-Identifier: MPL-2.0

import { envelopeAad, type RecipientPrivateKey, setupBaseR } from '../../crypto';
import {
  encodeMessage,
  encodeOptions,
  type Message,
  OptionCode,
  type RelayNest,
  rewrapRelay,
} from '../../dhcpv6';
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
import type { Permit } from '../admission/admission';
import type { AuthenticatedClient, Authenticator } from '../clients/authenticator';
import type { ClientDirectory } from '../clients/client-directory';
import type { ClientIdentity } from '../key-table/client-identity';
import type { ContextTable } from '../clients/context-table';
import type { CredentialVerifier } from '../clients/credential-verifier';
import { EngineDrop } from '../packet/drop-reasons';
import { lastingCopy } from '../packet/lasting-copy';
import type { PacketSource } from '../packet/packet-source';
import { QueryContext } from '../clients/query-context';
import type { ServerKeys } from '../clients/server-keys';
import type { ReceivedPacket, Verdict } from '../packet/verdict';

/** The next number that names an answer towards the hook. */
export type HandleSource = () => number;

interface QueryPacket {
  readonly nest: RelayNest;
  readonly source: PacketSource;
  readonly mode: ReceivedPacket['mode'];
  /** Called before the first public-key operation; throws when the source has to wait. */
  readonly admit: () => Permit;
}

interface OpenedQuery {
  /** A copy: a context outlives the datagram. */
  readonly enc: Buffer;
  readonly aad: Buffer;
  readonly recipient: RecipientPrivateKey;
  readonly receiving: ReceivingContext;
  readonly inner: InnerMessage;
}

/** Encrypted-Query: opens it, and hands Kea the message inside (docs/protocol.md 4.1 to 4.5, 8). */
export class QueryHandler {
  constructor(
    private readonly codePoints: CodePoints,
    private readonly serverIdentifier: Buffer,
    private readonly keys: ServerKeys,
    private readonly contexts: ContextTable,
    private readonly authenticator: Authenticator,
    private readonly verifier: CredentialVerifier,
    private readonly clients: ClientDirectory,
    private readonly queryAuthentication: 'signed' | 'address',
    private readonly nextHandle: HandleSource,
  ) {}

  handle(packet: QueryPacket): Verdict {
    const query = decodeEncryptedQuery(this.codePoints, packet.nest.message);
    if (!query.serverIdentifier.equals(this.serverIdentifier)) {
      throw new ProtocolError('server-identifier-mismatch', 'a query to another server');
    }
    const { envelope } = query;
    const recipient = this.keys.find(envelope.recipientTag);
    if (recipient === undefined) {
      throw new ProtocolError('recipient-unknown', "the recipient tag is none of the server's keys");
    }
    if (envelope.mode !== HpkeMode.Base) {
      throw new ProtocolError('envelope-mode', `a query in HPKE mode ${String(envelope.mode)}`);
    }
    const serverIdentifierOption = encodeOptions([
      { code: OptionCode.ServerIdentifier, data: query.serverIdentifier },
    ]);
    const aad = envelopeAad(query.firstFour, serverIdentifierOption, envelope.header);
    const context = this.contexts.findByEnc(envelope.enc);
    if (context !== undefined) {
      return this.continueContext(context, recipient, query, aad, packet);
    }
    return this.openContext(recipient, query, aad, packet);
  }

  private continueContext(
    context: QueryContext,
    recipient: RecipientPrivateKey,
    query: EncryptedQuery,
    aad: Buffer,
    packet: QueryPacket,
  ): Verdict {
    if (context.recipient !== recipient) {
      throw new ProtocolError('context-mismatch', 'a known enc under another recipient');
    }
    const plaintext = context.receiving.open(query.envelope, aad);
    const inner = this.readInner(plaintext, query);
    this.clients.requireCurrent(context.client);
    this.settleProof(context, inner, aad);
    this.contexts.touch(context);
    return this.deliver(context, inner, packet);
  }

  /** docs/protocol.md 4.3: the query needs no proof here, but with one it could open a context elsewhere. */
  private settleProof({ client, clientKey }: QueryContext, inner: InnerMessage, aad: Buffer): void {
    const proof = readWholeQueryProof(this.codePoints, inner);
    if (proof === undefined) {
      return;
    }
    if (!proof.keyIdentifier.equals(client.keyId)) {
      throw new ProtocolError('key-identifier-mismatch', "Key Identifier of another key than the context's");
    }
    // docs/protocol.md 6: the record is updated only after the signature has verified.
    requireQuerySignature(inner, proof.signature, aad, clientKey);
    this.authenticator.settle(client, proof.timestamp);
  }

  private openContext(
    recipient: RecipientPrivateKey,
    query: EncryptedQuery,
    aad: Buffer,
    packet: QueryPacket,
  ): Verdict {
    const { envelope } = query;
    if (this.contexts.wasClosed(envelope.enc)) {
      throw new ProtocolError('replayed', 'a context that is closed');
    }
    const permit = packet.admit();
    const suite = receiverSuite(envelope, recipient.public.keyType);
    const hpke = permit.run(() =>
      openingEnvelope(() => setupBaseR(suite, envelope.enc, recipient, queryInfo)),
    );
    const receiving = new ReceivingContext(HpkeMode.Base, suite, hpke);
    const inner = this.readInner(receiving.open(envelope, aad), query);
    const opened: OpenedQuery = { enc: lastingCopy(envelope.enc), aad, recipient, receiving, inner };
    const proof = readQueryProof(this.codePoints, inner);
    if (proof === undefined) {
      return this.establish(opened, this.clientByAddress(packet.source), packet);
    }
    return this.prove(opened, proof, packet, permit);
  }

  /** docs/protocol.md 4.5: without a proof the sender is whoever last authenticated from that address. */
  private clientByAddress(source: PacketSource): AuthenticatedClient {
    if (this.queryAuthentication !== 'address') {
      throw new ProtocolError(
        'query-unsigned',
        'an opening query without Key Identifier, Timestamp and Signature',
      );
    }
    const client = this.clients.findByAddress(source);
    if (client === undefined) {
      throw new ProtocolError('key-unknown', 'no client has authenticated from this address');
    }
    return client;
  }

  private prove(opened: OpenedQuery, proof: QueryProof, packet: QueryPacket, permit: Permit): Verdict {
    this.authenticator.requireFresh(proof.timestamp);
    const { credential: shown } = proof;
    const known = shown?.kind === 'certificate' ? undefined : this.clients.find(proof.keyIdentifier);
    // Nothing is recorded of a client that is not served here.
    requireMode(packet, known?.identity.kind ?? shown?.kind);
    if (shown !== undefined) {
      const credential = permit.run(() => this.verifier.read(shown));
      if (!credential.key.keyId.equals(proof.keyIdentifier)) {
        throw new ProtocolError(
          'key-identifier-mismatch',
          'Key Identifier of another key than the credential',
        );
      }
      permit.run(() => {
        requireQuerySignature(opened.inner, proof.signature, opened.aad, credential.key);
      });
      const client = this.authenticator.admit(credential, proof.timestamp, permit);
      return this.establish(opened, client, packet);
    }
    if (known === undefined) {
      throw new ProtocolError('key-unknown', 'the key has not authenticated, or its record is gone');
    }
    permit.run(() => {
      requireQuerySignature(opened.inner, proof.signature, opened.aad, known.key);
    });
    this.authenticator.accept(known.identity, proof.timestamp);
    permit.succeeded();
    return this.establish(opened, known, packet);
  }

  private establish(opened: OpenedQuery, client: AuthenticatedClient, packet: QueryPacket): Verdict {
    const context = new QueryContext(
      this.nextHandle(),
      opened.enc,
      opened.recipient,
      client.identity,
      client.key,
      opened.receiving,
    );
    const verdict = this.deliver(context, opened.inner, packet);
    this.contexts.add(context);
    return verdict;
  }

  private readInner(plaintext: Buffer, query: EncryptedQuery): InnerMessage {
    return readInnerQuery(plaintext, {
      transactionId: query.message.transactionId,
      serverIdentifier: query.serverIdentifier,
    });
  }

  private deliver(context: QueryContext, inner: InnerMessage, packet: QueryPacket): Verdict {
    requireMode(packet, context.client.kind);
    if (this.clients.requireClientIdentifier(context.client, inner.message) === 'unbound') {
      context.hasUnboundDuid = true;
    }
    return {
      action: 'replace',
      octets: rewrapRelay(packet.nest, this.stripped(inner)),
      credential: context.client.kind,
      handle: context.handle,
      text: context.client.text,
      hostIdentifier: this.clients.hostIdentifier(context.client),
    };
  }

  /** docs/protocol.md 4.3: Kea never sees the options of the encryption protocol. */
  private stripped(inner: InnerMessage): Buffer {
    return stripProtocolOptions(this.codePoints, inner.message) ?? inner.octets;
  }
}

/** @throws EngineDrop `mode-refused` */
function requireMode({ mode }: QueryPacket, kind: ClientIdentity['kind'] | undefined): void {
  if (mode === 'authenticated' && kind === 'public-key') {
    throw new EngineDrop('mode-refused', 'a bare public key where the subnet demands a certificate');
  }
}

/** The message without the encryption protocol's options; undefined where it has none. */
export function stripProtocolOptions(codePoints: CodePoints, message: Message): Buffer | undefined {
  const own = new Set<number>(Object.values(codePoints.optionCodes));
  const options = message.options.filter((option) => !own.has(option.code));
  return options.length === message.options.length ? undefined : encodeMessage({ ...message, options });
}
