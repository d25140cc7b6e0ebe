// SPDX-License-Identifier: MPL-2.0

/** The DHCPv6 codec. Pure and total: any octets give a value or a DecodeError. */

export { DecodeError, type DecodeErrorCode, EncodeError, type EncodeErrorCode } from './errors';
export { formatIpv6, IPV6_LENGTH, parseIpv6 } from './ipv6';
export { decodeMessage, encodeMessage, type Message } from './message';
export { MessageType, type RelayMessageType } from './message-type';
export { decodeOptions, type DhcpOption, encodeOptions, findOption, singleOption } from './option';
export { OptionCode } from './option-code';
export { makeOption, type OptionCodec, readOption, readOptions } from './option-codec';
export { decodeRelay, encodeRelay, isRelay, type RelayMessage } from './relay-message';
export { type RelayNest, rewrapRelay, unwrapRelay, wrapRelayReply } from './relay-nest';
export { StatusCode } from './status-code';
