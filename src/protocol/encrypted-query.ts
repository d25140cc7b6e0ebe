// SPDX-License-Identifier: MPL-2.0

import { CryptoError, type Envelope, parseEnvelope } from '../crypto';
import { type Message, OptionCode } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';
import { decodeWhole, requiredData } from './options';

/** A decoded Encrypted-Query. All Buffers are views into the message's octets. */
export interface EncryptedQuery {
  readonly message: Message;
  /** The outer message's msg-type and transaction-id, first part of the aad. */
  readonly firstFour: Buffer;
  readonly serverIdentifier: Buffer;
  readonly envelope: Envelope;
}

/** @throws ProtocolError `envelope-version`, `envelope-malformed` */
export function decodeEnvelope(data: Buffer): Envelope {
  try {
    return parseEnvelope(data);
  } catch (error) {
    if (error instanceof CryptoError) {
      throw new ProtocolError(
        error.code === 'envelope-version' ? 'envelope-version' : 'envelope-malformed',
        error.message,
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * Server Identifier and Encrypted-Message, nothing else (docs/protocol.md 3); the order is free.
 * @throws ProtocolError if a rule of docs/protocol.md 3 or 4 is broken
 */
export function decodeEncryptedQuery(codePoints: CodePoints, octets: Buffer): EncryptedQuery {
  const message = decodeWhole(octets);
  const serverIdentifier = requiredData(message.options, OptionCode.ServerIdentifier, 'Server Identifier');
  const data = requiredData(
    message.options,
    codePoints.optionCodes['encrypted-message'],
    'Encrypted-Message',
  );
  if (message.options.length !== 2) {
    throw new ProtocolError('option-unexpected', 'an Encrypted-Query with more than its two options');
  }
  return { message, firstFour: octets.subarray(0, 4), serverIdentifier, envelope: decodeEnvelope(data) };
}
