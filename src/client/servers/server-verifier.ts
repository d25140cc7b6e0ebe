// SPDX-License-Identifier: MPL-2.0

import {
  checkTimestamp,
  type KemPublicKey,
  ntpFromUnixMilliseconds,
  type RecipientPublicKey,
  type TimestampRules,
  unixMillisecondsFromNtp,
} from '../../crypto';
import { type EndEntity, matchServerName, PkiError, roleProblem, type TrustStore } from '../../pki';
import {
  type CodePoints,
  ProtocolError,
  requireMessageSignature,
  type SignedAnswer,
  usableKey,
} from '../../protocol';
import type { ProtocolTime } from '../exchange/protocol-time';
import { naming, readEndEntity } from './claims';
import { PinContact, type ServerPins, type ShownServer } from './server-pins';

/** A server that has proved who it is. */
export interface AuthenticatedServer {
  /** Its DUID. */
  readonly serverIdentifier: Buffer;
  /** Of its certificate. */
  readonly key: RecipientPublicKey;
  /** Its certificate's subject, for people. */
  readonly name: string;
  /** Milliseconds since 1970: the end of its certificate; Infinity if the certificate is not validated. */
  readonly goodUntil: number;
}

/** What an authenticated server has told of itself (docs/protocol.md 3). */
export interface Announced {
  readonly server: AuthenticatedServer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  readonly encryptionKey: KemPublicKey;
  /** Milliseconds since 1970 by the protocol's time: when the server erases the key. */
  readonly keyEndsAt: number;
  /** Whether others are pinned, so that it is to be used only if none of them answers. */
  readonly isNew: boolean;
}

/** What a server is verified against: the authorities or, without any, the key that it showed first (RFC 7435). */
export interface ServerTrust {
  /** Undefined if servers are trusted on first use. */
  readonly store: TrustStore | undefined;
  /** The keys of servers seen before; undefined if the authorities decide alone. */
  readonly pins: ServerPins | undefined;
  /** Without authorities: whether a server that is not pinned may be used where no pinned one answers. */
  readonly trustsNewServers?: boolean;
  /** A dNSName or URI that the certificate's subjectAltName must have; undefined accepts any server of the CA. */
  readonly serverName: string | undefined;
}

/** docs/protocol.md 6: what a server says has the first rule only, so that it may be the same for many. */
const timestampRules: TimestampRules = { delta: 300, fuzz: 1, drift: 0.01 };

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

/** Verifies servers: certification path, role, name, signature, timestamp, encryption key. */
export class ServerVerifier {
  private contact: PinContact | undefined;

  constructor(
    readonly trust: ServerTrust,
    private readonly codePoints: CodePoints,
    private readonly time: ProtocolTime,
  ) {
    this.beginExchange();
  }

  /** What is pinned before an exchange decides which servers it may use. */
  beginExchange(): void {
    const { pins, store, trustsNewServers } = this.trust;
    const newServers = store !== undefined ? 'always' : trustsNewServers === true ? 'last' : 'never';
    this.contact = pins && new PinContact(pins, newServers);
  }

  /**
   * A server's announcement, or its answer to a solution B Solicit. Takes the server's time if this client has no clock.
   * @param expectedKem kem_id to which the client's list (or query) and the server's own list lead
   * @throws ProtocolError that says which server and which rule
   */
  verify(answer: SignedAnswer, expectedKem: number): Announced {
    return this.checked(answer, (isNew) => {
      const claimed = unixMillisecondsFromNtp(answer.timestamp);
      const isTaken = !isNew && !this.isNear(answer.timestamp) && this.time.isWorthTrying(claimed);
      const now = isTaken ? claimed : this.time.now();
      this.requireNear(answer.timestamp, now);
      const server = this.authenticate(answer, now);
      const encryptionKey = usableKey(answer.encryptionKey, [expectedKem]);
      const keyEndsAt = claimed + answer.encryptionKey.lifetime * 1000;
      if (keyEndsAt <= now) {
        throw new ProtocolError(
          'encryption-key-unusable',
          `its encryption key ended at ${timeText(keyEndsAt)}`,
        );
      }
      if (isTaken) {
        this.time.try(claimed, server.serverIdentifier.toString('hex'));
      }
      return { server, timestamp: answer.timestamp, encryptionKey, keyEndsAt, isNew };
    });
  }

  /**
   * Who signed a report (docs/protocol.md 7), which is no authentication. One that says that the two clocks differ may
   * have any timestamp; a client without a clock takes the time from it.
   * @throws ProtocolError that says which server and which rule
   */
  identify(report: SignedAnswer, isOfTime: boolean): AuthenticatedServer {
    return this.checked(report, (isNew) => {
      const claimed = unixMillisecondsFromNtp(report.timestamp);
      const isTaken = isOfTime && !isNew && this.time.mayBe(claimed);
      if (!isOfTime) {
        this.requireNear(report.timestamp, this.time.now());
      }
      const server = this.authenticate(report, isTaken ? claimed : this.time.now());
      if (isTaken) {
        this.time.try(claimed, server.serverIdentifier.toString('hex'));
      }
      return server;
    });
  }

  /**
   * If keys are pinned: pins a server that is about to be used.
   * @throws ServerKeyChanged, ServerNotPinned, ClientError `pins-file`
   */
  keep({ serverIdentifier, key, name }: AuthenticatedServer): void {
    this.contact?.keep({ serverIdentifier, keyId: key.keyId, name });
  }

  /** A known server that shows another key is reported, whether its message verifies or not. */
  private checked<Value>(answer: SignedAnswer, check: (isNew: boolean) => Value): Value {
    const shown = this.contact && shownServer(answer);
    const isNew = shown !== undefined && this.contact?.standing(shown) === 'new';
    return naming(answer, () => check(isNew));
  }

  /** @param now milliseconds since 1970 */
  private authenticate(answer: SignedAnswer, now: number): AuthenticatedServer {
    const { credential, serverIdentifier } = answer;
    const endEntity = this.endEntityOf(credential.certificates, now);
    const { serverName } = this.trust;
    if (serverName !== undefined && !matchServerName(endEntity, serverName)) {
      throw new ProtocolError(
        'authentication-fail',
        `the certificate of ${endEntity.subject} is not one for the server name ${serverName}`,
      );
    }
    const { key } = endEntity;
    requireMessageSignature(this.codePoints, 'server', answer, key);
    return {
      serverIdentifier: Buffer.from(serverIdentifier),
      key,
      name: endEntity.subject,
      goodUntil: this.trust.store === undefined ? Infinity : endEntity.notAfter.getTime(),
    };
  }

  private endEntityOf(certificates: readonly Buffer[], now: number): EndEntity {
    const { store } = this.trust;
    if (store === undefined) {
      return trustedOnFirstUse(certificates);
    }
    const validation = store.validate(certificates, 'server', now);
    if (!validation.accepted) {
      const isOfTime = timeRules.has(validation.rule);
      const clock = isOfTime ? ` (this system's clock says ${timeText(now)}: set it if it is wrong)` : '';
      throw new ProtocolError(validation.code, `${validation.message}${clock}`);
    }
    return validation.endEntity;
  }

  /** Whether a timestamp is one of now, as far as this client knows (docs/protocol.md 6). */
  isNear(timestamp: bigint): boolean {
    const now = ntpFromUnixMilliseconds(this.time.now());
    return checkTimestamp({ timestamp, now }, timestampRules) === 'accept';
  }

  private requireNear(timestamp: bigint, now: number): void {
    const verdict = checkTimestamp({ timestamp, now: ntpFromUnixMilliseconds(now) }, timestampRules);
    if (verdict !== 'accept') {
      const clocks = `it says ${timeText(unixMillisecondsFromNtp(timestamp))}, this system's clock ${timeText(now)}`;
      throw new ProtocolError('timestamp-fail', `the server's timestamp is refused: ${verdict} (${clocks})`);
    }
  }
}

/** Undefined if the certificate cannot be read: it is refused for that. */
function shownServer({ credential, serverIdentifier }: SignedAnswer): ShownServer | undefined {
  const endEntity = readEndEntity(credential.certificates);
  return endEntity instanceof PkiError
    ? undefined
    : { serverIdentifier, keyId: endEntity.key.keyId, name: endEntity.subject };
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
