// SPDX-License-Identifier: MPL-2.0
import { ipv6Text } from './ipv6-text';

export interface Datagram {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Buffer;
}

const ETHERTYPE_IPV6 = 0x86dd;
const ETHERNET_HEADER = 14;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
const UDP = 17;

interface Fragments {
  readonly parts: { readonly offset: number; readonly octets: Buffer }[];
  total: number | undefined;
}

/** The UDP datagrams over IPv6 in Ethernet frames, put together from their fragments (RFC 8200 section 4.5). */
export function udpDatagrams(frames: readonly Buffer[]): Datagram[] {
  const datagrams: Datagram[] = [];
  const pending = new Map<string, Fragments>();
  for (const frame of frames) {
    if (frame.length < ETHERNET_HEADER + IPV6_HEADER || frame.readUInt16BE(12) !== ETHERTYPE_IPV6) {
      continue;
    }
    const packet = frame.subarray(ETHERNET_HEADER);
    const payload = packet.subarray(IPV6_HEADER, IPV6_HEADER + packet.readUInt16BE(4));
    const addresses = packet.subarray(8, IPV6_HEADER);
    let { next, offset } = skipExtensionHeaders(packet.readUInt8(6), payload, 0);
    let octets = payload.subarray(offset);
    if (next === FRAGMENT && octets.length >= 8) {
      const whole = reassemble(pending, addresses, octets);
      if (whole === undefined) {
        continue;
      }
      ({ next, offset } = skipExtensionHeaders(octets.readUInt8(0), whole, 0));
      octets = whole.subarray(offset);
    }
    if (next !== UDP || octets.length < UDP_HEADER) {
      continue;
    }
    datagrams.push({
      source: ipv6Text(addresses.subarray(0, 16)),
      destination: ipv6Text(addresses.subarray(16, 32)),
      sourcePort: octets.readUInt16BE(0),
      destinationPort: octets.readUInt16BE(2),
      payload: octets.subarray(UDP_HEADER, octets.readUInt16BE(4)),
    });
  }
  return datagrams;
}

function skipExtensionHeaders(
  first: number,
  octets: Buffer,
  start: number,
): { next: number; offset: number } {
  let next = first;
  let offset = start;
  while ([HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS].includes(next) && offset + 8 <= octets.length) {
    next = octets.readUInt8(offset);
    offset += (octets.readUInt8(offset + 1) + 1) * 8;
  }
  return { next, offset };
}

function reassemble(pending: Map<string, Fragments>, addresses: Buffer, octets: Buffer): Buffer | undefined {
  const key = `${addresses.toString('hex')} ${octets.readUInt32BE(4)}`;
  const fragments = pending.get(key) ?? { parts: [], total: undefined };
  pending.set(key, fragments);
  const field = octets.readUInt16BE(2);
  const part = { offset: field & 0xfff8, octets: octets.subarray(8) };
  fragments.parts.push(part);
  const moreFollow = (field & 1) === 1;
  if (!moreFollow) {
    fragments.total = part.offset + part.octets.length;
  }
  const present = fragments.parts.reduce((sum, { octets: { length } }) => sum + length, 0);
  if (fragments.total === undefined || present < fragments.total) {
    return undefined;
  }
  pending.delete(key);
  const whole = Buffer.alloc(fragments.total);
  for (const { offset, octets: source } of fragments.parts) {
    source.copy(whole, offset);
  }
  return whole;
}
