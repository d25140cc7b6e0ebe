// SPDX-License-Identifier: MPL-2.0
import { checkCountable } from './check';
import { DecodeError, EncodeError } from './errors';
import { isRelayMessageType, MessageType } from './message-type';
import {
  type DhcpOption,
  findOption,
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
  /** Outermost first; none if the message came directly. All are of one type. */
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
 * Writes the levels around `message`. A level is written at both ends of what the levels around it left free; what it
 * leaves free itself is its Relay Message option's data.
 */
function wrap(levels: readonly RelayMessage[], message: Buffer): Buffer {
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
    front = writeRelayHeader(target, front, level, argument);
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
 * @throws EncodeError as `encodeRelay`; with argument `message`, `wrong-length` if it is empty, `too-long` if a
 *   level cannot count it
 */
export function rewrapRelay(nest: RelayNest, message: Buffer): Buffer {
  return wrap(nest.levels, message);
}

/**
 * What of a Relay-forward's options its Relay-reply returns, in Kea's order: the first Interface-Id (RFC 9915 section
 * 21.18), the first Relay-Source-Port (RFC 8357 section 5.2), and what an Echo Request option names of the others (RFC
 * 4994 section 4), as often as it is there; the Relay Message is last.
 */
function returnedOptions(options: readonly DhcpOption[], argument: string): DhcpOption[] {
  const relayed = options[relayMessageIndex(options, argument)];
  const always = [OptionCode.InterfaceId, OptionCode.RelaySourcePort] as const;
  const echoed = requestedEchoes(options);
  [...always, OptionCode.RelayMessage].forEach((code) => echoed.delete(code));
  return [
    ...always.map((code) => findOption(options, code)),
    ...options.filter(({ code }) => echoed.has(code)),
    relayed,
  ].filter((option) => option !== undefined);
}

/** The codes in an Echo Request option, 2 octets each; one that cannot be read asks for nothing. */
function requestedEchoes(options: readonly DhcpOption[]): Set<number> {
  const data = findOption(options, OptionCode.EchoRequest)?.data;
  const codes = new Set<number>();
  if (data !== undefined && data.length % 2 === 0) {
    for (let at = 0; at < data.length; at += 2) {
      codes.add(data.readUInt16BE(at));
    }
  }
  return codes;
}

/** The Relay-replies to these Relay-forwards, with as yet the Relay-forwards' Relay Messages. */
function relayReplies(levels: readonly RelayMessage[]): RelayMessage[] {
  return levels.map((level, depth) => {
    if (level.msgType !== MessageType.RelayForward) {
      throw new EncodeError('wrong-message-type', `levels[${depth}].msgType`, 'not a Relay-forward');
    }
    return {
      ...level,
      msgType: MessageType.RelayReply,
      options: returnedOptions(level.options, `levels[${depth}].options`),
    };
  });
}

/**
 * Wraps an answer for the relay agents that forwarded the message: per Relay-forward the Relay-reply with the
 * same hop-count, link-address and peer-address (RFC 9915 section 19.3), and those of its options that are returned.
 *
 * @throws EncodeError as `rewrapRelay`; `wrong-message-type` if a level is no Relay-forward
 */
export function wrapRelayReply(levels: readonly RelayMessage[], message: Buffer): Buffer {
  return wrap(relayReplies(levels), message);
}

/**
 * How many octets {@link wrapRelayReply} makes of a message of `length` octets.
 *
 * @throws EncodeError `wrong-message-type`, `missing-option`, `repeated-option`
 */
export function relayReplyLength(levels: readonly RelayMessage[], length: number): number {
  return relayReplies(levels).reduce((sum, { options }) => sum + addedLength(options), length);
}
