// SPDX-License-Identifier: MPL-2.0

import { DecodeError, decodeRelay, encodeRelay, findOption, MessageType, OptionCode } from '../../dhcpv6';

const UNSPECIFIED_ADDRESS = Buffer.alloc(16);

/**
 * A message wrapped as docs/protocol.md 5.3 has it, so that servers see a lightweight relay agent (RFC 6221).
 * @param linkLocalAddress of the client, 16 octets
 */
export function wrapMessage(message: Buffer, linkLocalAddress: Buffer): Buffer {
  return encodeRelay({
    msgType: MessageType.RelayForward,
    hopCount: 0,
    linkAddress: UNSPECIFIED_ADDRESS,
    peerAddress: linkLocalAddress,
    options: [{ code: OptionCode.RelayMessage, data: message }],
  });
}

/** What a Relay-reply to this client carries; undefined if the datagram is anything else. */
export function unwrapMessage(datagram: Buffer, linkLocalAddress: Buffer): Buffer | undefined {
  if (datagram[0] !== MessageType.RelayReply) {
    return undefined;
  }
  try {
    const { peerAddress, options } = decodeRelay(datagram);
    return peerAddress.equals(linkLocalAddress)
      ? findOption(options, OptionCode.RelayMessage)?.data
      : undefined;
  } catch (error) {
    if (error instanceof DecodeError) {
      return undefined;
    }
    throw error;
  }
}
