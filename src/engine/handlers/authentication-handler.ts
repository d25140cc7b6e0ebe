// SPDX-License-Identifier: MPL-2.0

import { deriveDuid, ntpFromUnixMilliseconds } from '../../crypto';
import {
  encodeMessage,
  OptionCode,
  type RelayNest,
  relayReplyLength,
  rewrapRelay,
  wrapRelayReply,
} from '../../dhcpv6';
import {
  type AuthenticationMessage,
  type CodePoints,
  decodeClientAuthentication,
  encodeEncryptedReply,
  encryptedReplyLength,
  type ReportedStatus,
} from '../../protocol';
import type { Permit } from '../admission/admission';
import type { AuthenticatedClient, Authenticator } from '../clients/authenticator';
import { briefText } from '../packet/brief-text';
import type { ClientDirectory } from '../clients/client-directory';
import { requireSendable } from '../packet/datagram-length';
import { type DropReason, EngineDrop } from '../packet/drop-reasons';
import type { FailureReporter } from './failure-reporter';
import type { PacketSource } from '../packet/packet-source';
import type { PendingSolicits } from './pending-solicits';
import { type HandleSource, stripProtocolOptions } from './query-handler';
import type { ServerKeys } from '../clients/server-keys';
import type { ReceivedPacket, Verdict } from '../packet/verdict';

export interface AuthenticationPacket {
  readonly nest: RelayNest;
  readonly source: PacketSource;
  readonly mode: ReceivedPacket['mode'];
  /** Called before the first public-key operation; throws when the source has to wait. */
  readonly admit: () => Permit;
}

/** Encrypted-Request (solution A) and the Solicit with a credential (solution B), docs/protocol.md 5. */
export class AuthenticationHandler {
  constructor(
    private readonly codePoints: CodePoints,
    private readonly serverIdentifier: Buffer,
    private readonly keys: ServerKeys,
    private readonly authenticator: Authenticator,
    private readonly clients: ClientDirectory,
    private readonly solicits: PendingSolicits,
    private readonly reporter: FailureReporter | undefined,
    private readonly nextHandle: HandleSource,
    private readonly now: () => number,
  ) {}

  /** Records the client and answers with an Encrypted-Reply; Kea never sees the request. */
  encryptedRequest(packet: AuthenticationPacket): Verdict {
    this.requireAnswerable(packet.nest);
    const request = decodeClientAuthentication(this.codePoints, packet.nest.message);
    const { client, permit } = this.authenticate(request, packet);
    const reply = permit.run(() => this.encodeReply(request.message.transactionId));
    return { action: 'reply', octets: wrapRelayReply(packet.nest.levels, reply), text: client.identity.text };
  }

  /** Records the client, and gives Kea the Solicit with the Client Identifier that Kea needs. */
  solicit(packet: AuthenticationPacket): Verdict {
    const solicit = decodeClientAuthentication(this.codePoints, packet.nest.message);
    const { client, permit } = this.authenticate(solicit, packet);
    const { identity, key } = client;
    const insertedIdentifier = deriveDuid(identity.spki);
    const message = {
      ...solicit.message,
      options: [{ code: OptionCode.ClientIdentifier, data: insertedIdentifier }, ...solicit.message.options],
    };
    this.clients.requireClientIdentifier(identity, message);
    const handle = this.nextHandle();
    const { transactionId } = message;
    this.solicits.add(handle, { clientKey: key, transactionId, insertedIdentifier, permit });
    const inner = stripProtocolOptions(this.codePoints, message) ?? encodeMessage(message);
    return {
      action: 'replace',
      octets: rewrapRelay(packet.nest, inner),
      credential: identity.kind,
      handle,
      text: identity.text,
      hostIdentifier: this.clients.hostIdentifier(identity),
    };
  }

  /**
   * docs/protocol.md 7: with report-failures on, a client hears why it was refused, in a signed
   * Encrypted-Reply. Undefined where this failure is not reported, or not so often.
   */
  report(error: Error, reason: DropReason, nest: RelayNest, source: PacketSource): Verdict | undefined {
    const status = this.reporter?.statusFor(error, source);
    if (status === undefined) {
      return undefined;
    }
    this.requireAnswerable(nest, status);
    const reply = this.encodeReply(nest.message.readUIntBE(1, 3), status);
    return {
      action: 'reply',
      octets: wrapRelayReply(nest.levels, reply),
      text: briefText(`refused: ${error.message}`),
      reason,
    };
  }

  private authenticate(
    message: AuthenticationMessage,
    packet: AuthenticationPacket,
  ): { readonly client: AuthenticatedClient; readonly permit: Permit } {
    if (packet.mode === 'authenticated' && message.credential.kind === 'public-key') {
      throw new EngineDrop('mode-refused', 'a bare public key where the subnet demands a certificate');
    }
    this.authenticator.requireFresh(message.timestamp);
    const permit = packet.admit();
    const client = this.authenticator.authenticate(message, permit);
    this.clients.rememberAddress(packet.source, client.identity);
    return { client, permit };
  }

  /** What a relay agent sends along may leave no room for the answer: before anything is verified or recorded for it. */
  private requireAnswerable(nest: RelayNest, status?: ReportedStatus): void {
    const { codePoints, serverIdentifier } = this;
    const length = encryptedReplyLength(codePoints, this.keys.signer, serverIdentifier, status);
    requireSendable(relayReplyLength(nest.levels, length));
  }

  private encodeReply(transactionId: number, status?: ReportedStatus): Buffer {
    const timestamp = ntpFromUnixMilliseconds(this.now());
    const { codePoints, serverIdentifier } = this;
    return encodeEncryptedReply(
      codePoints,
      this.keys.signer,
      transactionId,
      serverIdentifier,
      timestamp,
      status,
    );
  }
}
