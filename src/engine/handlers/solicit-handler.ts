// SPDX-License-Identifier: MPL-2.0

import { kemById, type KemPublicKey } from '../../crypto';
import { findOption, OptionCode } from '../../dhcpv6';
import { chosenKem, decodeSolicit, requestDigest, type SolicitB, usableKey } from '../../protocol';
import type { Admission, Permit } from '../admission/admission';
import type { Authenticator } from '../clients/authenticator';
import type { ClientIdentity } from '../key-table/client-identity';
import { type Datagram, requireMode } from '../packet/datagram';
import type { Replace, Reply } from '../packet/verdict';
import type { Announcer } from './announcer';
import { MAX_AMPLIFICATION, mayBeSent, type Received, retry } from './answer-bound';
import { deliverSolicit, type SolicitDelivery } from './deliver-solicit';
import type { LiteralQueries } from './literal-queries';
import { messageProof } from './message-proof';
import type { Senders } from './senders';

export interface SolicitHandlerOptions extends SolicitDelivery {
  readonly announcer: Announcer;
  /** kem_ids that the server offers. */
  readonly offered: readonly number[];
  readonly senders: Senders;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  /** Default: no literal peers are served. */
  readonly literal?: LiteralQueries | undefined;
}

/** Solicit of solution B (docs/protocol.md 3, 5.2): Kea gets it with the Client Identifier that it needs. */
export class SolicitHandler {
  constructor(private readonly options: SolicitHandlerOptions) {}

  /**
   * @throws DecodeError
   * @throws ProtocolError
   * @throws EngineDrop `mode-refused`, `amplification`, `rate-limited`
   * @throws KeyTableError
   */
  handle(datagram: Datagram): Replace | Reply {
    const { codePoints, announcer, offered, senders, admission } = this.options;
    const solicit = decodeSolicit(codePoints, datagram.nest.message);
    const received = senders.receive(datagram, solicit);
    if (admission.isBlocked(received.sender) && received.sender.cookie === undefined) {
      return retry(received, announcer, 'the source failed too often');
    }
    const kemId = chosenKem(solicit.kemList, offered);
    const encLength = kemById(kemId).Nenc;
    if (!mayBeSent(received, announcer.minResponseLength(kemId, encLength))) {
      return retry(received, announcer, 'the answer is more than three times as long as the Solicit');
    }
    const clientKey = usableKey(solicit.encryptionKey, offered);
    const { identity, permit } = this.authenticate(solicit, received);
    return this.deliver(solicit, received, { identity, permit, clientKey, kemId });
  }

  private authenticate(
    solicit: SolicitB,
    { datagram, sender }: Received,
  ): { readonly identity: ClientIdentity; readonly permit: Permit } {
    const { codePoints, admission, authenticator, literal } = this.options;
    const { credential, timestamp, message } = solicit;
    const isPrivate = datagram.mode === 'authenticated' && credential.kind === 'public-key';
    if (isPrivate && findOption(message.options, OptionCode.RapidCommit) !== undefined) {
      requireMode(datagram, credential.kind);
    }
    authenticator.requireFresh(timestamp);
    const permit = admission.enter(sender);
    const signed = messageProof(codePoints, solicit, solicit);
    if (isPrivate) {
      // docs/protocol.md 5.2: it is answered, and nothing of it is recorded.
      return { identity: authenticator.identify(credential, signed, permit), permit };
    }
    const client = authenticator.authenticate(credential, signed, permit);
    literal?.authenticated(datagram.source, client);
    return { identity: client.identity, permit };
  }

  private deliver(
    { message, octets }: SolicitB,
    received: Received,
    { identity, permit, clientKey, kemId }: Served,
  ): Replace {
    const { announcer } = this.options;
    const { datagram, sender, addressee } = received;
    const digest = requestDigest(octets);
    const maxLength = sender.cookie === undefined ? MAX_AMPLIFICATION * octets.length : Infinity;
    return deliverSolicit(this.options, datagram, message, identity, {
      clientKey,
      permit,
      respond: (encryptedMessage) => {
        const response = announcer.response(kemId, addressee, encryptedMessage, digest);
        return response.length <= maxLength ? response : announcer.retry(addressee, false);
      },
    });
  }
}

interface Served {
  readonly identity: ClientIdentity;
  readonly permit: Permit;
  readonly clientKey: KemPublicKey;
  readonly kemId: number;
}
