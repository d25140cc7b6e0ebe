// SPDX-License-Identifier: MPL-2.0

import { keyIdentifier } from '../../crypto';
import type { DhcpOption } from '../../dhcpv6';
import {
  type CodePoints,
  hasQueryProof,
  type LiteralQueryProof,
  ProtocolError,
  type QueryProof,
  readLiteralQueryProof,
  readQueryProof,
  recipientTag,
} from '../../protocol';
import { privateKeyOf } from '../../pki';
import { BoundedMap } from '../../support';
import type { AuthenticatedClient } from '../clients/authenticator';
import type { ClientDirectory } from '../clients/client-directory';
import type { OwnRecipient } from '../clients/server-context';
import type { WorkerIdentity, WorkerMaterial } from '../clients/server-material';
import type { PacketSource } from '../packet/packet-source';

/** Opening queries without proof that are remembered, so that a copy whose context has ended is not served again. */
const MAX_UNPROVEN = 65_536;

/** What this takes of a worker's material. */
export type LiteralMaterial = Pick<WorkerMaterial, 'identity' | 'previous'>;

/**
 * What a draft-literal server takes of opening queries besides the usual (docs/protocol.md 9): those to the keys of its
 * certificates, and those without proof.
 */
export class LiteralQueries {
  private recipients: readonly OwnRecipient[];
  /** Digests of the encs of opening queries without proof. */
  private readonly unproven = new BoundedMap<string, true>(MAX_UNPROVEN);

  /** @throws CryptoError for a key of another type than docs/protocol.md 2 lists */
  constructor(
    private readonly codePoints: CodePoints,
    private readonly clients: ClientDirectory,
    material: LiteralMaterial,
  ) {
    this.recipients = recipientsOf(material);
  }

  /** The key of the server's certificate, or of a previous one, with this recipient tag. */
  recipient(tag: Buffer): OwnRecipient | undefined {
    return this.recipients.find((recipient) => recipient.tag.equals(tag));
  }

  /** Puts other keys in the place of the present ones; those that stay are the same objects. @returns those that went */
  replace(material: LiteralMaterial): readonly OwnRecipient[] {
    const before = this.recipients;
    this.recipients = recipientsOf(material).map((one) => this.recipient(one.tag) ?? one);
    return before.filter((one) => !this.recipients.includes(one));
  }

  /**
   * An opening query's proof; undefined where it has none. Responses to a query to a certificate's key go to the key of
   * the client's credential, whatever Encryption Key it may carry.
   *
   * @throws ProtocolError as readQueryProof
   */
  readProof(
    options: readonly DhcpOption[],
    recipient: OwnRecipient,
  ): QueryProof | LiteralQueryProof | undefined {
    if (!hasQueryProof(this.codePoints, options)) {
      return undefined;
    }
    return this.recipients.includes(recipient)
      ? readLiteralQueryProof(this.codePoints, options)
      : readQueryProof(this.codePoints, options);
  }

  /**
   * Who sends an opening query without proof: the client that last authenticated from its address.
   *
   * @throws ProtocolError `key-unknown`, `replayed`
   * @throws KeyTableError
   */
  senderOf(source: PacketSource, enc: Buffer): AuthenticatedClient {
    const name = keyIdentifier(enc).toString('latin1');
    if (this.unproven.get(name) !== undefined) {
      throw new ProtocolError('replayed', 'a copy of a query without proof whose context has ended');
    }
    const client = this.clients.findByAddress(source);
    if (client === undefined) {
      throw new ProtocolError('key-unknown', 'no client has authenticated from this address');
    }
    this.unproven.set(name, true);
    return client;
  }

  /** A client has proved itself, in whatever message. @throws KeyTableError */
  authenticated(source: PacketSource, { identity }: AuthenticatedClient): void {
    this.clients.rememberAddress(source, identity);
  }
}

function recipientsOf({ identity, previous }: LiteralMaterial): OwnRecipient[] {
  return [identity, ...previous].map(recipientOf);
}

function recipientOf({ privateKey, command }: WorkerIdentity): OwnRecipient {
  const key = privateKeyOf(privateKey, command);
  const { spki, keyId } = key.public;
  return { scope: { certificate: keyId }, privateKey: key, tag: recipientTag(key.kemId, spki) };
}
