// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, type Message, DecodeError, decodeMessage } from '../dhcpv6';
import { ProtocolError, type ProtocolErrorCode } from './errors';

/**
 * Decodes a client/server message (RFC 8415 section 8), refusing it as `code` when it is malformed.
 * @throws ProtocolError `code`
 */
export function decodeWhole(octets: Buffer, code: ProtocolErrorCode = 'malformed'): Message {
  try {
    return decodeMessage(octets);
  } catch (error) {
    if (error instanceof DecodeError) {
      throw new ProtocolError(code, error.message, { cause: error });
    }
    throw error;
  }
}

/** The data of an option that may occur once; undefined when it is absent. @throws ProtocolError `option-repeated` */
export function optionalData(options: readonly DhcpOption[], code: number, name: string): Buffer | undefined {
  let found: Buffer | undefined;
  for (const option of options) {
    if (option.code === code) {
      if (found !== undefined) {
        throw new ProtocolError('option-repeated', `more than one ${name} option`);
      }
      found = option.data;
    }
  }
  return found;
}

/** The data of an option that must occur exactly once. @throws ProtocolError `option-missing`, `option-repeated` */
export function requiredData(options: readonly DhcpOption[], code: number, name: string): Buffer {
  const data = optionalData(options, code, name);
  if (data === undefined) {
    throw new ProtocolError('option-missing', `no ${name} option`);
  }
  return data;
}
