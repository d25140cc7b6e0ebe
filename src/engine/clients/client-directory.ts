// SPDX-License-Identifier: MPL-2.0

import { deriveDuid, RecipientPublicKey } from '../../crypto';
import { type Message, OptionCode } from '../../dhcpv6';
import { optionalData, ProtocolError } from '../../protocol';
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
 * The key table as the packet path sees it: clients with usable keys, and the identifiers bound to them.
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

  /**
   * docs/protocol.md 8: the DUID derived from a key is the key's, and a certified key may use another one that is no
   * other key's.
   * @returns `unbound` for a DUID that bindAnswered() is to bind once Kea has answered: the hook, which knows leases and
   * subnets, may still refuse it
   * @throws ProtocolError `identity-refused`, `option-repeated`
   * @throws KeyTableError
   */
  requireClientIdentifier(client: ClientIdentity, message: Message): 'settled' | 'unbound' {
    const duid = optionalData(message.options, OptionCode.ClientIdentifier, 'Client Identifier');
    // What is bound was checked when it was bound.
    if (duid === undefined || (client.kind === 'certificate' && this.table.isSettled(duid, client))) {
      return 'settled';
    }
    if (duid.equals(deriveDuid(client.spki))) {
      this.table.bind(duid, client, true);
      return 'settled';
    }
    if (client.kind !== 'certificate') {
      throw new ProtocolError(
        'identity-refused',
        'a bare key with another Client Identifier than the one derived from it',
      );
    }
    const outcome = this.table.wouldBind(duid, client);
    if (outcome === 'refused') {
      throw new ProtocolError('identity-refused', 'the Client Identifier is bound to another key');
    }
    if (outcome === 'already') {
      this.table.bind(duid, client, false);
      return 'settled';
    }
    return 'unbound';
  }

  /**
   * Kea has answered: the DUID that its answer repeats is bound to the client's key, unless another was first.
   * @throws ProtocolError `identity-refused`, `option-repeated`
   * @throws KeyTableError
   */
  bindAnswered(client: ClientIdentity, answer: Message): void {
    const duid = optionalData(answer.options, OptionCode.ClientIdentifier, 'Client Identifier');
    if (
      duid !== undefined &&
      this.table.bind(duid, client, duid.equals(deriveDuid(client.spki))) === 'refused'
    ) {
      throw new ProtocolError('identity-refused', 'the Client Identifier was bound to another key meanwhile');
    }
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
