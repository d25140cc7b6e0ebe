// SPDX-License-Identifier: MPL-2.0

import { kems, ntpFromUnixMilliseconds } from '../../crypto';
import type { Status } from '../../dhcpv6';
import {
  addressedTo,
  type Announcement,
  type CodePoints,
  COOKIE_LENGTH,
  encodeEncryptedReply,
  encodeReportingResponse,
  encodeRetry,
  encodeSignedResponse,
} from '../../protocol';
import type { ServerKeys } from '../clients/server-keys';
import type { AnnouncementBoard, EncryptionKeySet, ToldKey } from '../encryption-keys';
import { EngineDrop } from '../packet/drop-reasons';

/** Octets of a Cookie option. */
const COOKIE_OPTION_LENGTH = 4 + COOKIE_LENGTH;

/** Octets of a Status Code and a Request Digest beside the status-message. */
const REPORT_LENGTH = 4 + 2 + 4 + 32;

/** Octets of an Encrypted-Message and a Request Digest beside enc and ciphertext. */
const RESPONSE_LENGTH = 4 + 38 + 4 + 32;

/** Octets of the shortest ciphertext. */
const MIN_CIPHERTEXT_LENGTH = 128 + 16;

export interface AnnouncerOptions {
  readonly codePoints: CodePoints;
  readonly solution: 'A' | 'B';
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
  readonly keys: ServerKeys;
  readonly encryptionKeys: EncryptionKeySet;
  /** kem_ids that the server offers, X25519 among them. */
  readonly offered: readonly number[];
  readonly board: AnnouncementBoard;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Which client's message a server answers, and how. */
export interface Addressee {
  readonly transactionId: number;
  readonly cookie: Buffer;
}

/** What a server says of itself, signed (docs/protocol.md 3, 7). */
export class Announcer {
  constructor(private readonly options: AnnouncerOptions) {}

  /** The Encrypted-Reply with the key of a KEM: at most one signature a second for each (docs/protocol.md 3). */
  announcement(kemId: number, { transactionId, cookie }: Addressee): Buffer {
    return addressedTo(this.options.codePoints, this.signed(kemId), transactionId, cookie);
  }

  /** Octets of {@link Announcer.announcement}, to be known before it is put together. */
  announcementLength(kemId: number): number {
    return this.signed(kemId).length + COOKIE_OPTION_LENGTH;
  }

  /** Octets of a report with a status-message of so many, once it is signed. */
  reportLength(kemId: number, { message }: Status): number {
    return this.announcementLength(kemId) + REPORT_LENGTH + Buffer.byteLength(message);
  }

  /** Tells a client why its message has failed: costs a signature. */
  report(kemId: number, addressee: Addressee, status: Status, requestDigest: Buffer): Buffer {
    const { codePoints, keys, solution } = this.options;
    const { transactionId, cookie } = addressee;
    const contents = this.contents(this.told(kemId));
    const report = { status, requestDigest };
    if (solution === 'B') {
      return encodeReportingResponse(codePoints, keys.signer, transactionId, contents, report, cookie);
    }
    return addressedTo(
      codePoints,
      encodeEncryptedReply(codePoints, keys.signer, contents, report),
      transactionId,
      cookie,
    );
  }

  /** Octets of the shortest answer to a solution B Solicit. @param encLength of the client's KEM */
  minResponseLength(kemId: number, encLength: number): number {
    return this.announcementLength(kemId) + RESPONSE_LENGTH + encLength + MIN_CIPHERTEXT_LENGTH;
  }

  /** The answer to a solution B Solicit: costs a signature. */
  response(kemId: number, addressee: Addressee, encryptedMessage: Buffer, requestDigest: Buffer): Buffer {
    const { codePoints, keys } = this.options;
    const { transactionId, cookie } = addressee;
    const contents = this.contents(this.told(kemId));
    return encodeSignedResponse(
      codePoints,
      keys.signer,
      transactionId,
      contents,
      encryptedMessage,
      requestDigest,
      cookie,
    );
  }

  /** Costs no public-key operation. @param isToRequest whether it answers an Encrypted-Request */
  retry({ transactionId, cookie }: Addressee, isToRequest: boolean): Buffer {
    const { codePoints, serverIdentifier } = this.options;
    const msgType = isToRequest ? 'encrypted-reply' : 'encrypted-response';
    return encodeRetry(codePoints, msgType, transactionId, serverIdentifier, cookie);
  }

  /** SHA-256 of the SubjectPublicKeyInfo of the certificate that it signs with. */
  get keyId(): Buffer {
    return this.options.keys.signer.key.public.keyId;
  }

  private signed(kemId: number): Buffer {
    const { codePoints, keys, board, now } = this.options;
    const entry = this.told(kemId);
    const slot = kems.findIndex((kem) => kem.kemId === kemId);
    return board.take(slot, entry.tag, now(), () =>
      encodeEncryptedReply(codePoints, keys.signer, this.contents(entry)),
    );
  }

  private told(kemId: number): ToldKey {
    const scope = { certificate: this.keyId, audience: 'clients' } as const;
    const entry = this.options.encryptionKeys.told(scope, kemId, this.options.now());
    if (entry === undefined) {
      throw new EngineDrop('internal-error', `no encryption key of kem_id 0x${kemId.toString(16)}`);
    }
    return entry;
  }

  private contents({ publicKey, lifetime }: ToldKey): Announcement {
    const { serverIdentifier, offered, now } = this.options;
    return {
      serverIdentifier,
      timestamp: ntpFromUnixMilliseconds(now()),
      kemList: offered,
      encryptionKey: { kemId: publicKey.kemId, lifetime, publicKey: publicKey.octets },
    };
  }
}
