// SPDX-License-Identifier: MPL-2.0

import type { PacketSource } from '../packet/packet-source';

/** Who a message is held against: its source, and the verified cookie that it came with. */
export interface Sender {
  readonly source: PacketSource;
  /** Hexadecimal; undefined where there was none, or one that does not verify. */
  readonly cookie: string | undefined;
}

/** A name that limits go by, and how many times they are as high as a source's. */
export interface LimitName {
  readonly name: string;
  readonly factor: number;
}

/** docs/protocol.md 7: what all cookies of a source may do together, as a multiple of what one may. */
const COOKIES_OF_SOURCE = 10;

/**
 * docs/protocol.md 7: a sender that can be reached where it says it is has limits of its own, and a share in those of its
 * source; what is sent in the source's name without a cookie touches neither. None where the address is not one client's.
 */
export function limitNames({ source, cookie }: Sender): readonly LimitName[] {
  const { peerAddress, datagramAddress } = source.place;
  const isRelayed = !peerAddress.equals(datagramAddress);
  const from = isRelayed ? ` via ${datagramAddress.toString('hex')}` : '';
  const place = `${source.link} ${peerAddress.toString('hex')}${from}`;
  if (cookie !== undefined) {
    return [
      { name: `${place} cookie ${cookie}`, factor: 1 },
      { name: `${place} cookies`, factor: COOKIES_OF_SOURCE },
    ];
  }
  return source.client === undefined ? [] : [{ name: place, factor: 1 }];
}
