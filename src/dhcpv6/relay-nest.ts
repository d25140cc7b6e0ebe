// SPDX-License-Identifier: MPL-2.0
import { checkCountable } from './check';
import { DecodeError, EncodeError } from './errors';
import { isRelayMessageType, MessageType, type RelayMessageType } from './message-type';
import {
  type DhcpOption,
  OPTION_HEADER_LENGTH,
  optionLength,
  optionsLength,
  writeOptionHeader,
  writeOptions,
} from './option';
import { OptionCode } from './option-code';
import {
  decodeRelayRange,
  RELAY_HEADER_LENGTH,
  type RelayMessage,
  relayMessageIndex,
  requireRelayMessage,
  writeRelayHeader,
} from './relay-message';

/** A client/server message and the relay messages around it. */
export interface RelayNest {
  /** Outermost first; none where the message came directly. All are of one type. */
  readonly levels: readonly RelayMessage[];
  /** The innermost Relay Message option's data: the client/server message, not decoded. */
  readonly message: Buffer;
}

/**
 * Takes off every Relay-forward, or every Relay-reply. All Buffers are views into `octets`; the innermost
 * message is not looked at beyond its type.
 *
 * @throws DecodeError `truncated`, `missing-option`, `repeated-option`, `mixed-relay-types`,
 *   `too-many-relay-levels`
 */
export function unwrapRelay(octets: Buffer, maxLevels = 32): RelayNest {
  const levels: RelayMessage[] = [];
  let start = 0;
  let end = octets.length;
  for (;;) {
    if (start === end) {
      throw new DecodeError('truncated', start, 'no message');
    }
    const msgType = octets.readUInt8(start);
    if (!isRelayMessageType(msgType)) {
      return { levels, message: octets.subarray(start, end) };
    }
    if (levels.length >= maxLevels) {
      throw new DecodeError('too-many-relay-levels', start, `more than ${maxLevels} relay levels`);
    }
    const outermost = levels[0];
    if (outermost !== undefined && outermost.msgType !== msgType) {
      throw new DecodeError('mixed-relay-types', start, `type ${msgType} inside type ${outermost.msgType}`);
    }
    const level = decodeRelayRange(octets, start, end);
    levels.push(level);
    const { data } = requireRelayMessage(octets, start + RELAY_HEADER_LENGTH, level.options);
    start = data.byteOffset - octets.byteOffset;
    end = start + data.length;
  }
}

/** How many octets a level adds to what it relays. */
function addedLength(options: readonly DhcpOption[]): number {
  let length = RELAY_HEADER_LENGTH;
  for (const option of options) {
    length += option.code === OptionCode.RelayMessage ? OPTION_HEADER_LENGTH : optionLength(option);
  }
  return length;
}

/**
 * Writes the levels around `message`, each with `msgType` or else its own type. A level is written at both
 * ends of what the levels around it left free; what it leaves free itself is its Relay Message option's data.
 */
function wrap(levels: readonly RelayMessage[], message: Buffer, msgType?: RelayMessageType): Buffer {
  if (message.length === 0) {
    throw new EncodeError('wrong-length', 'message', 'no octets');
  }
  let length = message.length;
  for (const { options } of levels) {
    length += addedLength(options);
  }
  const target = Buffer.allocUnsafe(length);
  let front = 0;
  let back = length;
  let depth = 0;
  for (const level of levels) {
    const { options } = level;
    const argument = `levels[${depth}].`;
    const optionsArgument = `${argument}options`;
    const place = relayMessageIndex(options, optionsArgument);
    front = writeRelayHeader(target, front, msgType ?? level.msgType, level, argument);
    front = writeOptions(target, front, options, optionsArgument, 0, place);
    back -= optionsLength(options, place + 1);
    writeOptions(target, back, options, optionsArgument, place + 1);
    const relayedLength = back - front - OPTION_HEADER_LENGTH;
    checkCountable(relayedLength, 'message');
    front = writeOptionHeader(target, front, OptionCode.RelayMessage, relayedLength);
    depth += 1;
  }
  target.set(message, front);
  return target;
}

/**
 * Puts `message` in the place of the nest's own: same levels and types, every other option kept in its place.
 * A message without levels is copied.
 *
 * @throws EncodeError as `encodeRelay`; with argument `message`, `wrong-length` where it is empty and `too-long`
 *   where a level cannot count it
 */
export function rewrapRelay(nest: RelayNest, message: Buffer): Buffer {
  return wrap(nest.levels, message);
}

/**
 * Wraps an answer for the relay agents that forwarded its question: per Relay-forward the Relay-reply with the
 * same hop-count, link-address and peer-address (RFC 8415 section 19.3), every other option kept in its place.
 *
 * @throws EncodeError as `rewrapRelay`; `wrong-message-type` where a level is no Relay-forward
 */
export function wrapRelayReply(levels: readonly RelayMessage[], message: Buffer): Buffer {
  const other = levels.findIndex(({ msgType }) => msgType !== MessageType.RelayForward);
  if (other !== -1) {
    throw new EncodeError('wrong-message-type', `levels[${other}].msgType`, 'not a Relay-forward');
  }
  return wrap(levels, message, MessageType.RelayReply);
}
