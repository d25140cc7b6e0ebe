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
  requireMessageSignature,
} from '../../protocol';
import type { Admission, Permit } from '../admission/admission';
import type { AuthenticatedClient, Authenticator } from '../clients/authenticator';
import type { ClientDirectory } from '../clients/client-directory';
import type { ServerKeys } from '../clients/server-keys';
import { briefText } from '../packet/brief-text';
import { type Datagram, requireMode, requireSendable } from '../packet/datagram';
import type { DropReason } from '../packet/drop-reasons';
import type { HandleSource } from '../packet/handle';
import type { Replace, Reply } from '../packet/verdict';
import type { FailureReporter } from './failure-reporter';
import type { PendingSolicits } from './pending-solicits';
import { stripProtocolOptions } from './query-handler';

export interface AuthenticationHandlerOptions {
  readonly codePoints: CodePoints;
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
  readonly keys: ServerKeys;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  readonly clients: ClientDirectory;
  readonly solicits: PendingSolicits;
  /** Undefined where failures are not reported. */
  readonly reporter: FailureReporter | undefined;
  readonly nextHandle: HandleSource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Authentication extends AuthenticatedClient {
  readonly permit: Permit;
}

/** Encrypted-Request (solution A) and the Solicit with a credential (solution B), docs/protocol.md 5. */
export class AuthenticationHandler {
  constructor(private readonly options: AuthenticationHandlerOptions) {}

  /**
   * Records the client and answers with an Encrypted-Reply; Kea never sees the request.
   *
   * @throws DecodeError
   * @throws ProtocolError
   * @throws EngineDrop `answer-too-long`, `mode-refused`, `blocklisted`, `rate-limited`
   * @throws KeyTableError
   */
  request(datagram: Datagram): Reply {
    const { nest } = datagram;
    this.requireAnswerable(nest);
    const request = decodeClientAuthentication(this.options.codePoints, nest.message);
    const { identity, permit } = this.authenticate(request, datagram);
    const reply = permit.run(() => this.encodeReply(request.message.transactionId));
    return { action: 'reply', octets: wrapRelayReply(nest.levels, reply), text: identity.text };
  }

  /**
   * Records the client, and gives Kea the Solicit with the Client Identifier that Kea needs.
   *
   * @throws DecodeError
   * @throws ProtocolError
   * @throws EngineDrop `mode-refused`, `blocklisted`, `rate-limited`
   * @throws KeyTableError
   */
  solicit(datagram: Datagram): Replace {
    const { codePoints, clients, solicits, nextHandle } = this.options;
    const solicit = decodeClientAuthentication(codePoints, datagram.nest.message);
    const { identity, key, permit } = this.authenticate(solicit, datagram);
    const insertedIdentifier = deriveDuid(identity.spki);
    const message = {
      ...solicit.message,
      options: [{ code: OptionCode.ClientIdentifier, data: insertedIdentifier }, ...solicit.message.options],
    };
    clients.requireClientIdentifier(identity, message);
    const handle = nextHandle();
    solicits.add(handle, {
      clientKey: key,
      transactionId: message.transactionId,
      insertedIdentifier,
      permit,
    });
    const inner = stripProtocolOptions(codePoints, message) ?? encodeMessage(message);
    return {
      action: 'replace',
      octets: rewrapRelay(datagram.nest, inner),
      credential: identity.kind,
      handle,
      text: identity.text,
      hostIdentifier: clients.hostIdentifier(identity),
    };
  }

  /**
   * docs/protocol.md 7: with report-failures on, a client hears why it was refused, in a signed
   * Encrypted-Reply. Undefined where this failure is not reported, or not so often.
   *
   * @throws EngineDrop `answer-too-long`
   */
  report(error: Error, reason: DropReason, { nest, source }: Datagram): Reply | undefined {
    const status = this.options.reporter?.statusFor(error, source);
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

  private authenticate(message: AuthenticationMessage, datagram: Datagram): Authentication {
    const { admission, authenticator, clients } = this.options;
    const { credential, timestamp } = message;
    requireMode(datagram, credential.kind);
    authenticator.requireFresh(timestamp);
    const permit = admission.enter(datagram.source);
    const signed = {
      timestamp,
      requireSignature: (key: AuthenticatedClient['key']) => {
        requireMessageSignature(message, key);
      },
    };
    const client = authenticator.authenticate(credential, signed, permit);
    clients.rememberAddress(datagram.source, client.identity);
    return { ...client, permit };
  }

  /** What a relay agent sends along may leave no room for the answer: before anything is verified or recorded for it. */
  private requireAnswerable({ levels }: RelayNest, status?: ReportedStatus): void {
    const { codePoints, serverIdentifier, keys } = this.options;
    const length = encryptedReplyLength(codePoints, keys.signer, serverIdentifier, status);
    requireSendable(relayReplyLength(levels, length));
  }

  private encodeReply(transactionId: number, status?: ReportedStatus): Buffer {
    const { codePoints, serverIdentifier, keys, now } = this.options;
    const timestamp = ntpFromUnixMilliseconds(now());
    return encodeEncryptedReply(codePoints, keys.signer, transactionId, serverIdentifier, timestamp, status);
  }
}
