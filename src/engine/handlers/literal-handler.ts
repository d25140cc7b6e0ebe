// SPDX-License-Identifier: MPL-2.0

import { ntpFromUnixMilliseconds } from '../../crypto';
import type { Status } from '../../dhcpv6';
import {
  decodeLiteralMessage,
  encodeLiteralAnswer,
  isLiteralMessage,
  type LiteralAnswer,
  requireLiteralSignature,
  type SignedMessage,
} from '../../protocol';
import type { Admission, Permit } from '../admission/admission';
import type { AuthenticatedClient, Authenticator } from '../clients/authenticator';
import type { ServerKeys } from '../clients/server-keys';
import { type Datagram, requireMode } from '../packet/datagram';
import type { Replace, Reply } from '../packet/verdict';
import { reply } from './answer-bound';
import { deliverSolicit, type SolicitDelivery } from './deliver-solicit';

export interface LiteralHandlerOptions extends SolicitDelivery {
  readonly solution: 'A' | 'B';
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
  readonly keys: ServerKeys;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Authenticated {
  readonly shown: SignedMessage;
  readonly client: AuthenticatedClient;
  readonly permit: Permit;
}

/**
 * Messages in which a literal peer shows its credential (docs/protocol.md 9): each is authenticated first, and answered
 * by a signature of its own. Their answers may be of any length.
 */
export class LiteralHandler {
  constructor(private readonly options: LiteralHandlerOptions) {}

  /** Whether an Encrypted-Request or a Solicit is a literal peer's. */
  takes({ kind, nest }: Datagram): boolean {
    const isShowing = kind === 'request' || kind === 'solicit';
    return isShowing && isLiteralMessage(this.options.codePoints, nest.message);
  }

  /**
   * Encrypted-Request of solution A.
   *
   * @throws ProtocolError
   * @throws EngineDrop `mode-refused`, `blocklisted`, `rate-limited`
   * @throws KeyTableError
   */
  request(datagram: Datagram): Reply {
    const { shown, client, permit } = this.authenticate(datagram);
    const { transactionId } = shown.message;
    const octets = permit.run(() => this.encode({ msgType: 'encrypted-reply', transactionId }));
    return reply({ datagram }, octets, client.identity.text);
  }

  /** Solicit of solution B; throws as {@link request}. */
  solicit(datagram: Datagram): Replace {
    const { shown, client, permit } = this.authenticate(datagram);
    const { transactionId } = shown.message;
    return deliverSolicit(this.options, datagram, shown.message, client.identity, {
      clientKey: client.key,
      permit,
      respond: (encryptedMessage) =>
        this.encode({ msgType: 'encrypted-response', transactionId, encryptedMessage }),
    });
  }

  /** Tells a literal peer why its message has failed: costs a signature. */
  report(datagram: Datagram, status: Status, text: string): Reply {
    const { codePoints, solution } = this.options;
    const { message } = decodeLiteralMessage(codePoints, datagram.nest.message);
    const msgType = solution === 'A' ? 'encrypted-reply' : 'encrypted-response';
    const { transactionId } = message;
    return reply({ datagram }, this.encode({ msgType, transactionId, status }), text);
  }

  private authenticate(datagram: Datagram): Authenticated {
    const { codePoints, admission, authenticator, clients } = this.options;
    const shown = decodeLiteralMessage(codePoints, datagram.nest.message);
    const { credential, timestamp } = shown;
    // A bare key has no other message to show a certificate in.
    requireMode(datagram, credential.kind);
    authenticator.requireFresh(timestamp);
    const permit = admission.enter({ source: datagram.source, cookie: undefined });
    const requireSignature = (key: AuthenticatedClient['key']): void => {
      requireLiteralSignature(shown, key);
    };
    const signed = { timestamp, requireSignature, decrypts: true };
    const client = authenticator.authenticate(credential, signed, permit);
    clients.rememberAddress(datagram.source, client.identity);
    return { shown, client, permit };
  }

  private encode(answer: Omit<LiteralAnswer, 'serverIdentifier' | 'timestamp'>): Buffer {
    const { codePoints, keys, serverIdentifier, now } = this.options;
    const timestamp = ntpFromUnixMilliseconds(now());
    return encodeLiteralAnswer(codePoints, keys.signer, { ...answer, serverIdentifier, timestamp });
  }
}
