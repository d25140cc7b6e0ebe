// SPDX-License-Identifier: MPL-2.0

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  DecodeError,
  IPV6_LENGTH,
  isRelay,
  MessageType,
  OptionCode,
  parseIpv6,
  rewrapRelay,
  unwrapRelay,
} from '../dhcpv6';
import type { Link } from './link';

const SERVER_PORT = 547;

/** Octets: a burst of answers must fit until the generator reads them. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

export interface RelayLinkOptions {
  /** The server's address, with %interface if it is link-local. */
  readonly server: string;
  /** Names the clients' link, and is the address that the server answers to: one of this host's. */
  readonly linkAddress: string;
}

/** Link-local addresses that differ in their last four octets. */
function peerAddress(client: number): Buffer {
  const address = Buffer.alloc(IPV6_LENGTH);
  address.writeUInt16BE(0xfe80, 0);
  address.writeUInt32BE(client + 1, IPV6_LENGTH - 4);
  return address;
}

/**
 * A relay agent (RFC 8415 section 19) and the clients behind it, each with a peer-address of its own.
 * @throws EncodeError `invalid-address`, Error of the socket
 */
export async function openRelayLink({ server, linkAddress }: RelayLinkOptions): Promise<Link> {
  const link = parseIpv6(linkAddress);
  const socket = createSocket({ type: 'udp6', reuseAddr: true });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: linkAddress, port: SERVER_PORT, exclusive: true });
    await listening;
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch (error) {
    socket.close();
    throw error;
  }
  const level = { msgType: MessageType.RelayForward, hopCount: 0, linkAddress: link } as const;
  const options = [{ code: OptionCode.RelayMessage, data: Buffer.alloc(0) }];
  return {
    send: (client, octets) => {
      const levels = [{ ...level, peerAddress: peerAddress(client), options }];
      socket.send(rewrapRelay({ levels, message: octets }, octets), SERVER_PORT, server);
    },
    onAnswer: (handler) => {
      socket.removeAllListeners('message');
      socket.on('message', (octets: Buffer) => {
        try {
          if (isRelay(octets)) {
            handler(unwrapRelay(octets).message);
          }
        } catch (error) {
          if (!(error instanceof DecodeError)) {
            throw error;
          }
        }
      });
    },
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
