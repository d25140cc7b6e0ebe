// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { findOption, OptionCode, type RelayNest } from '../../dhcpv6';
import type { CookieSource } from '../../protocol';

/** Where a message came from, as far as anybody on the path can say: the link, and the address on it. */
export interface PacketSource {
  /** Names the link: the relay's link-address and Interface-Id, or the interface of a direct client. */
  readonly link: string;
  /**
   * Who brought the message to this server, as far as it can tell by itself: the interface of a direct client, or the
   * /64 that the last relay sent from. Links are what relays say, and anyone who can reach the server can say so.
   */
  readonly origin: string;
  /** The link and the client's address on it in one string, to key tables of clients with; undefined where the address is not one client's. */
  readonly client: string | undefined;
  /** What limits and cookies go by (docs/protocol.md 7). */
  readonly place: CookieSource;
}

/** Octets of an Interface-Id that names a link by itself; anyone who can reach the server could make it 64 KiB long. */
const MAX_INTERFACE_ID_LENGTH = 64;

function nameOf(interfaceId: Buffer): string {
  return interfaceId.length <= MAX_INTERFACE_ID_LENGTH
    ? interfaceId.toString('hex')
    : `sha256-${createHash('sha256').update(interfaceId).digest('hex')}`;
}

/**
 * A client sends from a link-local address (RFC 9915 section 18.2). Another peer-address, `::` above all, is what a relay
 * puts for any client it likes: clients that share it are not to be taken for one.
 */
function clientOn(link: string, address: Buffer): string | undefined {
  const isLinkLocal = (address.readUInt16BE(0) & 0xffc0) === 0xfe80;
  return isLinkLocal ? `${link} ${address.toString('hex')}` : undefined;
}

/** The innermost relay knows the client's link; a direct message came over the server's own interface. */
export function packetSource(nest: RelayNest, interfaceIndex: number, address: Buffer): PacketSource {
  const own = `interface ${String(interfaceIndex)}`;
  const nearest = nest.levels.at(-1);
  if (nearest === undefined) {
    return { link: own, origin: own, client: clientOn(own, address), place: placeOf(own, address, address) };
  }
  const interfaceId = findOption(nearest.options, OptionCode.InterfaceId)?.data;
  // A client that wraps its message itself is on the link that it came over (docs/protocol.md 5.3).
  const isOnLink =
    nest.levels.length === 1 &&
    interfaceId === undefined &&
    nearest.linkAddress.every((octet) => octet === 0);
  const link = isOnLink
    ? own
    : `${nearest.linkAddress.toString('hex')} ${interfaceId === undefined ? '' : nameOf(interfaceId)}`;
  const origin = isOnLink ? own : `relay ${address.subarray(0, 8).toString('hex')}`;
  const { peerAddress } = nearest;
  return { link, origin, client: clientOn(link, peerAddress), place: placeOf(link, peerAddress, address) };
}

/** Copies: it outlives the datagram. */
function placeOf(link: string, peerAddress: Buffer, datagramAddress: Buffer): CookieSource {
  return {
    link: Buffer.from(link),
    peerAddress: Buffer.from(peerAddress),
    datagramAddress: Buffer.from(datagramAddress),
  };
}
