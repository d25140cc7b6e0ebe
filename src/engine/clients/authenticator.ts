// SPDX-License-Identifier: MPL-2.0

import {
  type AcceptedTimestamp,
  checkTimestamp,
  ntpFromUnixMilliseconds,
  type RecipientPublicKey,
  type TimestampRules,
  type TimestampVerdict,
} from '../../crypto';
import { ProtocolError, type ShownCredential } from '../../protocol';
import type { Permit } from '../admission/admission';
import type { KeyTable } from '../key-table';
import type { ClientIdentity } from '../key-table/client-identity';
import type { CredentialVerifier } from './credential-verifier';

/** A client that has just proved to hold its key. */
export interface AuthenticatedClient {
  readonly identity: ClientIdentity;
  readonly key: RecipientPublicKey;
}

/** What a client has signed: an Encrypted-Request, a Solicit of solution B, or the inner message of a query. */
export interface SignedMessage {
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  /** @throws ProtocolError where the message is not signed with this key */
  readonly requireSignature: (key: RecipientPublicKey) => void;
  /** Whether the answer is encrypted to the key of the credential, whose certificate must allow that (docs/protocol.md 9). */
  readonly decrypts?: boolean;
}

export interface AuthenticatorOptions {
  readonly verifier: CredentialVerifier;
  readonly table: KeyTable;
  readonly rules: TimestampRules;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Proves clients and keeps their records (docs/protocol.md 6): nothing of a record changes before the signature has
 * verified, and the credential has where one is shown.
 */
export class Authenticator {
  constructor(private readonly options: AuthenticatorOptions) {}

  /**
   * The first rule for timestamps: cheap, so it goes before any public-key operation.
   * @param keyId Key Identifier of the sender, where the message names it: the copy of an old message is known by it
   * @throws ProtocolError `timestamp-fail`, or `replayed` for a copy
   * @throws KeyTableError
   */
  requireFresh(timestamp: bigint, keyId?: Buffer): void {
    try {
      this.requireAcceptable(timestamp, undefined);
    } catch (error) {
      if (keyId !== undefined && this.options.table.timestamps(keyId)?.last?.timestamp === timestamp) {
        requireAccepted('copy');
      }
      throw error;
    }
  }

  /**
   * Records a client by the credential that it shows. The timestamp is fresh.
   * @throws ProtocolError `credential-invalid`, `algorithm-not-supported`, `signature-fail`, `timestamp-fail`,
   *   `authentication-fail`, and what `requireSignature` throws
   * @throws KeyTableError
   */
  authenticate(shown: ShownCredential, message: SignedMessage, permit: Permit): AuthenticatedClient {
    const { verifier, table } = this.options;
    const credential = permit.run(() => {
      const read = verifier.read(shown);
      message.requireSignature(read.key);
      return read;
    });
    const { key } = credential;
    const known = table.timestamps(key.keyId);
    // A replay is found out before its path is verified; record() has the last word.
    this.requireAcceptable(message.timestamp, known?.last);
    const identity = permit.run(() => verifier.verify(credential, message.decrypts));
    requireAccepted(this.record(identity, message.timestamp));
    // Anybody can make a key; only one that was there before, or that somebody answers for, tells of a client.
    if (known !== undefined || credential.certificate !== undefined) {
      permit.succeeded();
    }
    return { identity, key };
  }

  /**
   * Records another message of a client whose record is there, and which shows no credential. The timestamp is fresh.
   * @throws ProtocolError `timestamp-fail`, and what `requireSignature` throws
   * @throws KeyTableError
   */
  authenticateKnown(client: AuthenticatedClient, message: SignedMessage, permit: Permit): void {
    permit.run(() => {
      requireSignatureOfKnown(message, client.key);
    });
    requireAccepted(this.record(client.identity, message.timestamp));
    permit.succeeded();
  }

  /**
   * Who signed a message and shows a bare key, without a record (docs/protocol.md 5.2). The timestamp is fresh.
   * @throws ProtocolError `credential-invalid`, `algorithm-not-supported`, and what `requireSignature` throws
   */
  identify(shown: ShownCredential, message: SignedMessage, permit: Permit): ClientIdentity {
    const { verifier } = this.options;
    return permit.run(() => {
      const read = verifier.read(shown);
      message.requireSignature(read.key);
      return verifier.verify(read);
    });
  }

  /** All rules for timestamps in one step with the record's update: of two copies, one passes. */
  private record(identity: ClientIdentity, timestamp: bigint): TimestampVerdict {
    const { table, rules } = this.options;
    const now = ntpFromUnixMilliseconds(this.options.now());
    const check = (last: AcceptedTimestamp | undefined): TimestampVerdict =>
      checkTimestamp({ timestamp, now, last }, rules);
    return table.acceptTimestamp(identity, timestamp, now, check);
  }

  private requireAcceptable(timestamp: bigint, last: AcceptedTimestamp | undefined): void {
    const now = ntpFromUnixMilliseconds(this.options.now());
    requireAccepted(checkTimestamp({ timestamp, now, last }, this.options.rules));
  }
}

/** docs/protocol.md 4.2: without a credential inside, a signature that fails may be another key's. */
function requireSignatureOfKnown(message: SignedMessage, key: RecipientPublicKey): void {
  try {
    message.requireSignature(key);
  } catch (error) {
    if (error instanceof ProtocolError && error.code !== 'authentication-fail') {
      throw new ProtocolError('authentication-fail', error.message, { cause: error });
    }
    throw error;
  }
}

/** docs/protocol.md 6: a copy is dropped, and is no failure. */
function requireAccepted(verdict: TimestampVerdict): void {
  if (verdict === 'copy') {
    throw new ProtocolError('replayed', 'a copy of the last message that was accepted');
  }
  if (verdict !== 'accept') {
    throw new ProtocolError('timestamp-fail', `timestamp refused: ${verdict}`);
  }
}
