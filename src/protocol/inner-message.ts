// SPDX-License-Identifier: MPL-2.0

import { CryptoError, unpadPlaintext } from '../crypto';
import {
  DecodeError,
  decodeRelay,
  type DhcpOption,
  isDuidLength,
  type Message,
  MessageType,
  OptionCode,
  type RelayMessage,
} from '../dhcpv6';
import { ProtocolError } from './errors';
import { decodeWhole, optionalData } from './options';

/** docs/protocol.md 4: what may travel inside an envelope towards a server, and towards a client. */
const towardsServer: ReadonlySet<number> = new Set([
  MessageType.Solicit,
  MessageType.Request,
  MessageType.Confirm,
  MessageType.Renew,
  MessageType.Rebind,
  MessageType.Release,
  MessageType.Decline,
  MessageType.InformationRequest,
]);
const towardsClient: ReadonlySet<number> = new Set([MessageType.Advertise, MessageType.Reply]);

/** Whether a message of this type may travel inside an envelope towards a server. */
export function isClientMessage(msgType: number): boolean {
  return towardsServer.has(msgType);
}

export interface InnerMessage {
  readonly kind: 'message';
  readonly octets: Buffer;
  readonly message: Message;
}

/** docs/protocol.md 5.4: what a relay agent protects. */
export interface InnerRelay {
  readonly kind: 'relay';
  readonly octets: Buffer;
  readonly message: RelayMessage;
}

export interface OuterMessage {
  readonly transactionId: number;
  /** The outer Server Identifier, or the one that the receiver knows the sender by. */
  readonly serverIdentifier: Buffer | undefined;
}

/**
 * The inner message of a query, from its decrypted plaintext.
 *
 * @throws {@link ProtocolError} `inner-malformed`, `inner-message-type`, `inner-transaction-id`, `inner-server-identifier`
 */
export function readInnerQuery(plaintext: Buffer, outer: OuterMessage): InnerMessage | InnerRelay {
  const octets = unpadded(plaintext);
  return octets[0] === MessageType.RelayForward
    ? readRelay(octets)
    : readMessage(octets, towardsServer, outer);
}

/** Likewise of a response. */
export function readInnerResponse(plaintext: Buffer, outer: OuterMessage): InnerMessage | InnerRelay {
  const octets = unpadded(plaintext);
  return octets[0] === MessageType.RelayReply ? readRelay(octets) : readMessage(octets, towardsClient, outer);
}

/** The options that a sender's proof stands among. */
export function innerOptions({ message }: InnerMessage | InnerRelay): readonly DhcpOption[] {
  return message.options;
}

function unpadded(plaintext: Buffer): Buffer {
  try {
    return unpadPlaintext(plaintext);
  } catch (error) {
    if (error instanceof CryptoError) {
      throw new ProtocolError('inner-malformed', error.message, { cause: error });
    }
    throw error;
  }
}

function readRelay(octets: Buffer): InnerRelay {
  try {
    return { kind: 'relay', octets, message: decodeRelay(octets) };
  } catch (error) {
    if (error instanceof DecodeError) {
      throw new ProtocolError('inner-malformed', error.message, { cause: error });
    }
    throw error;
  }
}

function readMessage(octets: Buffer, allowed: ReadonlySet<number>, outer: OuterMessage): InnerMessage {
  const msgType = octets[0];
  if (msgType === undefined || !allowed.has(msgType)) {
    throw new ProtocolError('inner-message-type', `inner message type ${String(msgType)}`);
  }
  const message = decodeWhole(octets, 'inner-malformed');
  if (message.transactionId !== outer.transactionId) {
    throw new ProtocolError('inner-transaction-id', 'inner and outer transaction-id differ');
  }
  const serverIdentifier = optionalData(
    message.options,
    OptionCode.ServerIdentifier,
    'inner Server Identifier',
  );
  if (serverIdentifier === undefined) {
    return { kind: 'message', octets, message };
  }
  if (!isDuidLength(serverIdentifier.length)) {
    throw new ProtocolError(
      'option-length',
      `inner Server Identifier option of ${String(serverIdentifier.length)} octets`,
    );
  }
  if (outer.serverIdentifier?.equals(serverIdentifier) === false) {
    throw new ProtocolError('inner-server-identifier', 'inner and outer Server Identifier differ');
  }
  return { kind: 'message', octets, message };
}
