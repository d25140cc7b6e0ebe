// SPDX-License-Identifier: MPL-2.0

import { MessageType, type RelayNest, unwrapRelay } from '../../dhcpv6';
import { type CodePoints, ProtocolError } from '../../protocol';
import { EngineDrop } from './drop-reasons';
import { packetSource, type PacketSource } from './packet-source';

/** What a subnet demands of its clients, in the order of their numbers in a RECEIVE frame (native/channel/frame.h). */
const modes = ['off', 'optional', 'encrypted', 'authenticated'] as const;

/** A RECEIVE frame of the hook: a datagram that it asks about. */
export interface ReceivedDatagram {
  /** Mode of the subnet that it came from: off, optional, encrypted, authenticated. */
  readonly mode: 0 | 1 | 2 | 3;
  readonly interfaceIndex: number;
  /** Source address, 16 octets. */
  readonly source: Buffer;
  readonly octets: Buffer;
}

/** What a message asks for. Whether a query opens a context is known when its enc was looked for. */
export const messageKinds = ['request', 'solicit', 'opening-query', 'query', 'other'] as const;

export type MessageKind = (typeof messageKinds)[number];

/** A datagram, as everything that serves it takes it. Its octets hold only until it is served. */
export interface Datagram {
  readonly kind: Exclude<MessageKind, 'opening-query'>;
  /** The relay agents' levels, and the message in them. */
  readonly nest: RelayNest;
  readonly source: PacketSource;
  readonly mode: (typeof modes)[number];
}

/**
 * Takes a datagram apart as far as its message's type. Only servers send Relay-replies: no answer could be wrapped for
 * one, and so nothing in it is looked at.
 *
 * @throws DecodeError of unwrapRelay
 * @throws ProtocolError `malformed`
 */
export function readDatagram(received: ReceivedDatagram, { messageTypes }: CodePoints): Datagram {
  const nest = unwrapRelay(received.octets);
  if (nest.levels[0]?.msgType === MessageType.RelayReply) {
    throw new ProtocolError('malformed', 'a Relay-reply');
  }
  return {
    kind: kindOf(nest.message[0], messageTypes),
    nest,
    source: packetSource(nest, received.interfaceIndex, received.source),
    mode: modes[received.mode],
  };
}

function kindOf(msgType: number | undefined, types: CodePoints['messageTypes']): Datagram['kind'] {
  switch (msgType) {
    case types['encrypted-query']:
      return 'query';
    case types['encrypted-request']:
      return 'request';
    case MessageType.Solicit:
      return 'solicit';
    default:
      return 'other';
  }
}

/**
 * Refuses a bare key where the subnet demands a certificate.
 * @param credential what the sender is known by; undefined where it is not known yet
 * @throws EngineDrop `mode-refused`
 */
export function requireMode({ mode }: Datagram, credential: 'certificate' | 'public-key' | undefined): void {
  if (mode === 'authenticated' && credential === 'public-key') {
    throw new EngineDrop('mode-refused', 'a bare public key where the subnet demands a certificate');
  }
}

/** Octets of a UDP datagram over IPv6 (RFC 8200 section 4.5, RFC 768), its header apart. */
const MAX_DATAGRAM_LENGTH = 65_527;

/**
 * What a relay agent or a client sends along may make the answer longer than its datagram was.
 * @throws EngineDrop `answer-too-long`
 */
export function requireSendable(length: number): void {
  if (length > MAX_DATAGRAM_LENGTH) {
    throw new EngineDrop('answer-too-long', `a message of ${length} octets`);
  }
}
