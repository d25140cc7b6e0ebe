// SPDX-License-Identifier: MPL-2.0

import {
  type AcceptedTimestamp,
  checkTimestamp,
  deriveDuid,
  ntpFromUnixMilliseconds,
  type RecipientPublicKey,
  type TimestampRules,
  type TimestampVerdict,
} from '../../crypto';
import { type AuthenticationMessage, ProtocolError, requireMessageSignature } from '../../protocol';
import type { Permit } from '../admission/admission';
import type { ClientIdentity } from '../key-table/client-identity';
import type { CredentialVerifier, ReadCredential } from './credential-verifier';
import type { KeyTable } from '../key-table';

/** A client that has just proved to hold its key. */
export interface AuthenticatedClient {
  readonly identity: ClientIdentity;
  readonly key: RecipientPublicKey;
}

/** Proves clients and keeps their records: nothing of a record changes before the signature has verified. */
export class Authenticator {
  constructor(
    private readonly verifier: CredentialVerifier,
    private readonly clients: KeyTable,
    private readonly rules: TimestampRules,
    private readonly now: () => number,
  ) {}

  /** An Encrypted-Request, or the Solicit of solution B, whose timestamp is fresh. */
  authenticate(message: AuthenticationMessage, permit: Permit): AuthenticatedClient {
    const credential = permit.run(() => {
      const read = this.verifier.read(message.credential);
      requireMessageSignature(message, read.key);
      return read;
    });
    return this.admit(credential, message.timestamp, permit);
  }

  /** Records a client whose signature over `timestamp` has verified, once its credential has too. */
  admit(credential: ReadCredential, timestamp: bigint, permit: Permit): AuthenticatedClient {
    const { keyId } = credential.key;
    const known = this.clients.timestamps(keyId);
    // A replay is found out before its path is verified; accept() has the last word.
    this.requireAcceptable(timestamp, known?.last);
    const shown = permit.run(() => this.verifier.verify(credential));
    const identity = this.verifier.withKnown(shown, this.clients.find(keyId));
    this.accept(identity, timestamp);
    // Anybody can make a key; only one that was there before, or that somebody answers for, tells of a client.
    if (known !== undefined || credential.certificate !== undefined) {
      permit.succeeded();
    }
    return { identity, key: credential.key };
  }

  /** docs/protocol.md 6, the first rule: cheap, so it goes before any public-key operation. */
  requireFresh(timestamp: bigint): void {
    this.requireAcceptable(timestamp, undefined);
  }

  /**
   * docs/protocol.md 6 whole, in one step with the record's update: of two copies, one passes. From then on the key is
   * known, and the DUID derived from it is nobody else's (docs/protocol.md 8).
   */
  accept(identity: ClientIdentity, timestamp: bigint): void {
    requireAccepted(this.record(identity, timestamp));
    this.clients.bind(deriveDuid(identity.spki), identity, true);
  }

  /**
   * The timestamp of a signed query in a context that is open already. It opens none, but a copy of it could, once the
   * context is gone: so it is recorded like any other. One that can't be accepted any more does no harm.
   */
  settle(identity: ClientIdentity, timestamp: bigint): void {
    const verdict = this.record(identity, timestamp);
    if (verdict === 'too-new') {
      requireAccepted(verdict);
    }
  }

  private record(identity: ClientIdentity, timestamp: bigint): TimestampVerdict {
    const now = ntpFromUnixMilliseconds(this.now());
    return this.clients.acceptTimestamp(identity, timestamp, now, (last) =>
      checkTimestamp({ timestamp, now, last }, this.rules),
    );
  }

  private requireAcceptable(timestamp: bigint, last: AcceptedTimestamp | undefined): void {
    const now = ntpFromUnixMilliseconds(this.now());
    requireAccepted(checkTimestamp({ timestamp, now, last }, this.rules));
  }
}

function requireAccepted(verdict: TimestampVerdict): void {
  if (verdict !== 'accept') {
    throw new ProtocolError('timestamp-fail', `timestamp refused: ${verdict}`);
  }
}
