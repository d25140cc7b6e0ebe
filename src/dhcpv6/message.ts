// SPDX-License-Identifier: MPL-2.0
import { checkInteger, MAX_UINT24, MAX_UINT8 } from './check';
import { DecodeError, EncodeError } from './errors';
import { isRelayMessageType } from './message-type';
import {
  decodeOptionRange,
  type DhcpOption,
  optionsLength,
  withoutStrayOctets,
  writeOptions,
} from './option';

/** A client/server message, RFC 8415 section 8. `msgType` may be any but the two relay messages'. */
export interface Message {
  readonly msgType: number;
  /** 24 bits */
  readonly transactionId: number;
  readonly options: readonly DhcpOption[];
}

/** msg-type (1) and transaction-id (3). */
const HEADER_LENGTH = 4;

/**
 * Decodes the whole of `octets` as a client/server message. Option data are views into `octets`.
 *
 * @throws DecodeError `truncated`, `unexpected-message-type`
 */
export function decodeMessage(octets: Buffer): Message {
  if (octets.length < HEADER_LENGTH) {
    throw new DecodeError('truncated', octets.length, `${octets.length} octets are no message header`);
  }
  const header = octets.readUInt32BE(0);
  const msgType = header >>> 24;
  if (isRelayMessageType(msgType)) {
    throw new DecodeError('unexpected-message-type', 0, `message type ${msgType} is a relay message's`);
  }
  const options = decodeOptionRange(octets, HEADER_LENGTH, octets.length);
  return { msgType, transactionId: header & MAX_UINT24, options };
}

/** As {@link decodeMessage}, but fewer than four octets behind the last option are no fault. @throws DecodeError */
export function decodeMessageTolerantly(octets: Buffer): Message {
  return decodeMessage(withoutStrayOctets(octets, HEADER_LENGTH));
}

/** @throws EncodeError `out-of-range`, `too-long`, `wrong-message-type` */
export function encodeMessage(message: Message): Buffer {
  const { msgType, transactionId, options } = message;
  checkInteger(msgType, 0, MAX_UINT8, 'msgType');
  if (isRelayMessageType(msgType)) {
    throw new EncodeError('wrong-message-type', 'msgType', `${msgType} is a relay message's`);
  }
  checkInteger(transactionId, 0, MAX_UINT24, 'transactionId');
  const octets = Buffer.allocUnsafe(HEADER_LENGTH + optionsLength(options));
  octets.writeUInt8(msgType, 0);
  octets.writeUIntBE(transactionId, 1, 3);
  writeOptions(octets, HEADER_LENGTH, options);
  return octets;
}
