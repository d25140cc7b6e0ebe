// SPDX-License-Identifier: MPL-2.0
import { checkInteger, checkLength, MAX_UINT8 } from './check';
import { DecodeError, EncodeError } from './errors';
import { IPV6_LENGTH } from './ipv6';
import { isRelayMessageType, type RelayMessageType } from './message-type';
import {
  decodeOptionRange,
  type DhcpOption,
  OPTION_HEADER_LENGTH,
  optionsLength,
  writeOptions,
} from './option';
import { OptionCode } from './option-code';

/**
 * A relay agent/server message, RFC 8415 section 9. The options hold exactly one Relay Message option, at
 * whatever place it was found.
 */
export interface RelayMessage {
  readonly msgType: RelayMessageType;
  readonly hopCount: number;
  /** 16 octets */
  readonly linkAddress: Buffer;
  /** 16 octets */
  readonly peerAddress: Buffer;
  readonly options: readonly DhcpOption[];
}

const LINK_ADDRESS_AT = 2;
const PEER_ADDRESS_AT = LINK_ADDRESS_AT + IPV6_LENGTH;

/** msg-type (1), hop-count (1), link-address (16) and peer-address (16). */
export const RELAY_HEADER_LENGTH = PEER_ADDRESS_AT + IPV6_LENGTH;

/** Whether the octets begin as a Relay-forward or Relay-reply does. */
export function isRelay(octets: Buffer): boolean {
  return isRelayMessageType(octets[0]);
}

/**
 * Decodes `octets` from `start` to `end`, all of it. Offsets in errors count from octet 0.
 * @throws DecodeError as `decodeRelay`
 */
export function decodeRelayRange(octets: Buffer, start: number, end: number): RelayMessage {
  if (end - start < RELAY_HEADER_LENGTH) {
    throw new DecodeError('truncated', end, `${end - start} octets are no relay message header`);
  }
  const msgType = octets.readUInt8(start);
  if (!isRelayMessageType(msgType)) {
    throw new DecodeError('unexpected-message-type', start, `message type ${msgType} is no relay message's`);
  }
  const optionsAt = start + RELAY_HEADER_LENGTH;
  const options = decodeOptionRange(octets, optionsAt, end);
  requireRelayMessage(octets, optionsAt, options);
  return {
    msgType,
    hopCount: octets.readUInt8(start + 1),
    linkAddress: octets.subarray(start + LINK_ADDRESS_AT, start + PEER_ADDRESS_AT),
    peerAddress: octets.subarray(start + PEER_ADDRESS_AT, optionsAt),
    options,
  };
}

/**
 * The Relay Message option among those decoded from octet `optionsAt` of `octets` on.
 * RFC 8415 sections 9.1 and 9.2: a relay message MUST include one.
 * @throws DecodeError `missing-option`, `repeated-option`
 */
export function requireRelayMessage(
  octets: Buffer,
  optionsAt: number,
  options: readonly DhcpOption[],
): DhcpOption {
  let found: DhcpOption | undefined;
  for (const option of options) {
    if (option.code === OptionCode.RelayMessage) {
      if (found !== undefined) {
        const offset = option.data.byteOffset - octets.byteOffset - OPTION_HEADER_LENGTH;
        throw new DecodeError('repeated-option', offset, 'a relay message with two Relay Message options');
      }
      found = option;
    }
  }
  if (found === undefined) {
    throw new DecodeError('missing-option', optionsAt, 'a relay message without a Relay Message option');
  }
  return found;
}

/**
 * Decodes the whole of `octets` as one relay message; what it relays stays octets. Addresses and option
 * data are views into `octets`.
 *
 * @throws DecodeError `truncated`, `unexpected-message-type`, `missing-option`, `repeated-option`
 */
export function decodeRelay(octets: Buffer): RelayMessage {
  return decodeRelayRange(octets, 0, octets.length);
}

/**
 * Where among the options the Relay Message option is; `argument` names the options in errors.
 * @throws EncodeError `missing-option`, `repeated-option`
 */
export function relayMessageIndex(options: readonly DhcpOption[], argument: string): number {
  let found = -1;
  let index = 0;
  for (const { code } of options) {
    if (code === OptionCode.RelayMessage) {
      if (found !== -1) {
        throw new EncodeError('repeated-option', argument, 'more than one Relay Message option');
      }
      found = index;
    }
    index += 1;
  }
  if (found === -1) {
    throw new EncodeError('missing-option', argument, 'no Relay Message option');
  }
  return found;
}

/**
 * Writes msg-type, hop-count and addresses at `at` and returns where the options go.
 * `argument` stands before the fields' names in errors.
 * @throws EncodeError `out-of-range`, `wrong-length`
 */
export function writeRelayHeader(target: Buffer, at: number, relay: RelayMessage, argument: string): number {
  checkInteger(relay.hopCount, 0, MAX_UINT8, `${argument}hopCount`);
  checkLength(relay.linkAddress, IPV6_LENGTH, `${argument}linkAddress`);
  checkLength(relay.peerAddress, IPV6_LENGTH, `${argument}peerAddress`);
  target.writeUInt8(relay.msgType, at);
  target.writeUInt8(relay.hopCount, at + 1);
  target.set(relay.linkAddress, at + LINK_ADDRESS_AT);
  target.set(relay.peerAddress, at + PEER_ADDRESS_AT);
  return at + RELAY_HEADER_LENGTH;
}

/** @throws EncodeError `out-of-range`, `wrong-length`, `too-long`, `missing-option`, `repeated-option` */
export function encodeRelay(relay: RelayMessage): Buffer {
  relayMessageIndex(relay.options, 'options');
  const octets = Buffer.allocUnsafe(RELAY_HEADER_LENGTH + optionsLength(relay.options));
  const optionsAt = writeRelayHeader(octets, 0, relay, '');
  writeOptions(octets, optionsAt, relay.options);
  return octets;
}
