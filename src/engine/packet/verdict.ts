// SPDX-License-Identifier: MPL-2.0

import type { DropReason } from './drop-reasons';

/** A datagram that the hook asks about. */
export interface ReceivedPacket {
  /** Mode of the subnet it came in on. */
  readonly mode: 'off' | 'optional' | 'encrypted' | 'authenticated';
  readonly interfaceIndex: number;
  /** Source address of the datagram, 16 octets. */
  readonly source: Buffer;
  readonly octets: Buffer;
}

/** A packet goes no further. */
export interface Drop {
  readonly action: 'drop';
  readonly reason: DropReason;
  readonly text: string;
}

/** What the hook is to do with a datagram. */
export type Verdict =
  | Drop
  | {
      readonly action: 'replace';
      readonly octets: Buffer;
      readonly credential: 'certificate' | 'public-key';
      /** Comes back with Kea's answer. */
      readonly handle: number;
      /** Who the client is, for logs. */
      readonly text: string;
      /** What Kea looks host reservations up by. */
      readonly hostIdentifier?: Buffer | undefined;
    }
  | {
      readonly action: 'reply';
      readonly octets: Buffer;
      readonly text: string;
      /** The failure that the reply tells of. */
      readonly reason?: DropReason;
    };

/** What the hook is to do with Kea's answer. */
export type Sealed = Drop | { readonly action: 'replace'; readonly octets: Buffer };
