// SPDX-License-Identifier: MPL-2.0

import {
  type AcceptedTimestamp,
  checkTimestamp,
  keyIdentifier,
  ntpFromUnixMilliseconds,
  type RecipientPublicKey,
  type TimestampRules,
  unixMillisecondsFromNtp,
} from '../../crypto';
import { type EndEntity, matchServerName, PkiError, roleProblem, type TrustStore } from '../../pki';
import { type AuthenticationMessage, ProtocolError, requireMessageSignature } from '../../protocol';
import { BoundedMap } from '../../support';
import { naming, readEndEntity } from './claims';
import type { ServerPins } from './server-pins';

/** A server that has proved who it is. */
export interface AuthenticatedServer {
  /** Its DUID. */
  readonly serverIdentifier: Buffer;
  readonly key: RecipientPublicKey;
  /** Its certificate's subject, for people. */
  readonly name: string;
  /** Milliseconds since 1970: the end of its certificate; Infinity if the certificate is not validated. */
  readonly goodUntil: number;
}

/** What a server is verified against: the authorities or, without any, the key that it showed first (RFC 7435). */
export interface ServerTrust {
  /** Undefined if servers are trusted on first use. */
  readonly store: TrustStore | undefined;
  /** The keys of servers seen before; undefined if the authorities decide alone. */
  readonly pins: ServerPins | undefined;
  /** A dNSName or URI that the certificate's subjectAltName must have; undefined accepts any server of the CA. */
  readonly serverName: string | undefined;
}

/** docs/protocol.md 6: the same rules for servers, in a series of its own for each. */
const timestampRules: TimestampRules = { delta: 300, fuzz: 1, drift: 0.01 };

/** More servers than any link has; the oldest are evicted. */
const MAX_SERVERS = 256;

/** Rules that a good certificate or CRL breaks if the clock is wrong. */
const timeRules: ReadonlySet<string> = new Set([
  'not-yet-valid',
  'expired',
  'crl-not-yet-valid',
  'crl-expired',
]);

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Verifies servers: certification path, role, name, signature, timestamp. */
export class ServerVerifier {
  private readonly series = new BoundedMap<string, AcceptedTimestamp>(MAX_SERVERS);

  constructor(
    readonly trust: ServerTrust,
    private readonly now: () => number,
  ) {}

  /**
   * @param serverIdentifier of the message, or of the message inside it
   * @throws ProtocolError that says which server and which rule
   */
  verify(message: AuthenticationMessage, serverIdentifier: Buffer): AuthenticatedServer {
    return naming(message, serverIdentifier, () => {
      this.requireTimestamp(message.timestamp, undefined);
      const server = this.authenticate(message, serverIdentifier);
      this.accept(server.key, message.timestamp);
      return server;
    });
  }

  /**
   * Who signed a message, whatever its timestamp says: only for a report that the two clocks differ, which is
   * no authentication (docs/protocol.md 7).
   * @throws ProtocolError that says which server and which rule
   */
  identify(message: AuthenticationMessage, serverIdentifier: Buffer): AuthenticatedServer {
    return naming(message, serverIdentifier, () => this.authenticate(message, serverIdentifier));
  }

  /**
   * If keys are pinned, refuses a server that shows another key than before, and keeps a new server's key.
   * @throws ServerKeyChanged
   */
  requirePinned({ serverIdentifier, key, name }: AuthenticatedServer): void {
    this.trust.pins?.require(serverIdentifier, key.keyId, name);
  }

  /**
   * Refuses a message that names a known server and shows another key, whether it verifies or not: other answers that do
   * not verify are ignored, and this one is reported.
   * @throws ServerKeyChanged
   */
  requireUnchanged({ credential }: AuthenticationMessage, serverIdentifier: Buffer): void {
    const { pins } = this.trust;
    if (pins === undefined) {
      return;
    }
    if (credential.kind === 'public-key') {
      pins.requireUnchanged(serverIdentifier, keyIdentifier(credential.spki), 'a bare key');
      return;
    }
    const endEntity = readEndEntity(credential.certificates);
    if (!(endEntity instanceof PkiError)) {
      pins.requireUnchanged(serverIdentifier, endEntity.key.keyId, endEntity.subject);
    }
  }

  private authenticate(message: AuthenticationMessage, serverIdentifier: Buffer): AuthenticatedServer {
    const { credential } = message;
    if (credential.kind !== 'certificate') {
      throw new ProtocolError('credential-missing', 'the server shows no certificate');
    }
    const endEntity = this.endEntityOf(credential.certificates);
    const { serverName } = this.trust;
    if (serverName !== undefined && !matchServerName(endEntity, serverName)) {
      throw new ProtocolError(
        'authentication-fail',
        `the certificate of ${endEntity.subject} is not one for the server name ${serverName}`,
      );
    }
    const { key } = endEntity;
    requireMessageSignature(message, key);
    return {
      serverIdentifier: Buffer.from(serverIdentifier),
      key,
      name: endEntity.subject,
      goodUntil: this.trust.store === undefined ? Infinity : endEntity.notAfter.getTime(),
    };
  }

  private endEntityOf(certificates: readonly Buffer[]): EndEntity {
    const { store } = this.trust;
    if (store === undefined) {
      return trustedOnFirstUse(certificates);
    }
    const validation = store.validate(certificates, 'server', this.now());
    if (!validation.accepted) {
      const isOfTime = timeRules.has(validation.rule);
      const clock = isOfTime
        ? ` (this system's clock says ${timeText(this.now())}: set it if it is wrong)`
        : '';
      throw new ProtocolError(validation.code, `${validation.message}${clock}`);
    }
    return validation.endEntity;
  }

  private accept(key: RecipientPublicKey, timestamp: bigint): void {
    const id = key.keyId.toString('latin1');
    this.requireTimestamp(timestamp, this.series.get(id));
    this.series.set(id, { timestamp, received: ntpFromUnixMilliseconds(this.now()) });
  }

  private requireTimestamp(timestamp: bigint, last: AcceptedTimestamp | undefined): void {
    const now = ntpFromUnixMilliseconds(this.now());
    const verdict = checkTimestamp({ timestamp, now, last }, timestampRules);
    if (verdict !== 'accept') {
      const clocks = `it says ${timeText(unixMillisecondsFromNtp(timestamp))}, this system's clock ${timeText(this.now())}`;
      throw new ProtocolError('timestamp-fail', `the server's timestamp is refused: ${verdict} (${clocks})`);
    }
  }
}

/** No authority vouches for the certificate; its role is still a server's (docs/protocol.md 2). */
function trustedOnFirstUse(certificates: readonly Buffer[]): EndEntity {
  const endEntity = readEndEntity(certificates);
  if (endEntity instanceof PkiError) {
    throw new ProtocolError('credential-invalid', endEntity.message, { cause: endEntity });
  }
  const problem = roleProblem(endEntity, 'server');
  if (problem !== undefined) {
    throw new ProtocolError('authentication-fail', problem.message);
  }
  return endEntity;
}
