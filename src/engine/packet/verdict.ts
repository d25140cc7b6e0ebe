// SPDX-License-Identifier: MPL-2.0

import type { DropReason } from './drop-reasons';

/** From where messages like a refused one come, from the widest to the narrowest (native/channel/frame.h, in this order). */
export const pauseScopes = ['all', 'origin', 'link', 'source'] as const;

/** Messages that need a proof and bring no cookie, of this scope, are refused for a while: the hook need not ask. */
export interface Pause {
  readonly scope: (typeof pauseScopes)[number];
  readonly milliseconds: number;
}

/** A datagram or an answer goes no further. */
export interface Drop {
  readonly action: 'drop';
  readonly reason: DropReason;
  readonly text: string;
  readonly pause?: Pause | undefined;
}

/** Kea goes on with this message in the place of the datagram's own. */
export interface Replace {
  readonly action: 'replace';
  readonly octets: Buffer;
  /** `unproven`: of a Solicit that Kea may advertise to, and nothing more (docs/protocol.md 5.2). */
  readonly credential: 'certificate' | 'public-key' | 'unproven';
  /** Comes back with Kea's answer (handle.ts). */
  readonly handle: number;
  /** Who the client is, for logs. */
  readonly text: string;
  /** Whom leases belong to that Kea gives for it (clients/lease-sender.ts). */
  readonly sender: Buffer;
  /** What Kea looks host reservations up by. */
  readonly hostIdentifier?: Buffer | undefined;
}

/** The engine answers the datagram itself. */
export interface Reply {
  readonly action: 'reply';
  readonly octets: Buffer;
  readonly text: string;
  /** The failure that the reply tells of. */
  readonly reason?: DropReason;
}

/** What the hook is to do with a datagram. */
export type Verdict = Drop | Replace | Reply;

/** Kea's answer, sealed for its client. */
export interface SealedAnswer {
  readonly action: 'replace';
  readonly octets: Buffer;
}

/** What the hook is to do with Kea's answer. */
export type Sealed = Drop | SealedAnswer;
