// SPDX-License-Identifier: MPL-2.0

import { RecipientPublicKey } from '../../crypto';
import { ProtocolError } from '../../protocol';
import { BoundedMap } from '../../support';
import type { AuthenticatedClient } from './authenticator';
import { type ClientIdentity, isCurrent } from '../key-table/client-identity';
import type { CurrentTrust } from './current-trust';
import { type HostIdentifierKind, hostIdentifier } from './host-identifier';
import type { KeyTable } from '../key-table';
import type { PacketSource } from '../packet/packet-source';

/** Parsed keys kept at hand, so that a known client's key is imported once and not for each context. */
const MAX_PARSED_KEYS = 4096;

/**
 * The key table as the packet path sees it: clients with usable keys.
 * Every method but hostIdentifier and requireCurrent throws KeyTableError where the table cannot be read or written.
 */
export class ClientDirectory {
  private readonly parsed = new BoundedMap<string, RecipientPublicKey>(MAX_PARSED_KEYS);

  constructor(
    private readonly table: KeyTable,
    private readonly trust: CurrentTrust,
    private readonly now: () => number,
    private readonly identifierKind: HostIdentifierKind = 'none',
  ) {}

  /** What Kea looks host reservations of this client up by. */
  hostIdentifier(client: ClientIdentity): Buffer | undefined {
    return hostIdentifier(this.identifierKind, client);
  }

  /** A client whose record is there, and whose certificate is as good now as it was when it was verified. */
  find(keyId: Buffer): AuthenticatedClient | undefined {
    return this.usable(this.table.find(keyId));
  }

  /** The client that last authenticated from this address on this link (docs/protocol.md 9). */
  findByAddress({ client }: PacketSource): AuthenticatedClient | undefined {
    return client === undefined ? undefined : this.usable(this.table.findByAddress(client));
  }

  /** For {@link findByAddress}: only a draft-literal server writes it. */
  rememberAddress({ client }: PacketSource, identity: ClientIdentity): void {
    if (client !== undefined) {
      this.table.rememberAddress(client, identity.keyId);
    }
  }

  /**
   * What vouched for a client when its context was opened has not ended since; a reload sees to the rest.
   * @throws ProtocolError `key-unknown`
   */
  requireCurrent(client: ClientIdentity): void {
    if (!isCurrent(client, this.now())) {
      throw new ProtocolError('key-unknown', "the client's certificate has ended");
    }
  }

  /** A client goes on in a context of its own: its record lives on. */
  noteUse({ keyId }: ClientIdentity): void {
    this.table.noteUse(keyId);
  }

  private usable(identity: ClientIdentity | undefined): AuthenticatedClient | undefined {
    if (identity === undefined || !isCurrent(identity, this.now()) || !this.trust.vouchesFor(identity)) {
      return undefined;
    }
    const id = identity.keyId.toString('latin1');
    const known = this.parsed.get(id);
    if (known !== undefined) {
      return { identity, key: known };
    }
    const key = RecipientPublicKey.fromSpki(identity.spki);
    this.parsed.set(id, key);
    return { identity, key };
  }
}
