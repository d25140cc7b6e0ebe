// SPDX-License-Identifier: MPL-2.0

import { CryptoError, unpadPlaintext } from '../crypto';
import { type Message, MessageType, OptionCode } from '../dhcpv6';
import { ProtocolError } from './errors';
import { decodeWhole, optionalData } from './options';
import { optionalServerIdentifier } from './server-identifier';

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

export interface InnerMessage {
  readonly octets: Buffer;
  readonly message: Message;
}

interface Outer {
  readonly transactionId: number;
  /** The outer Server Identifier, or the one that the receiver knows the sender by. */
  readonly serverIdentifier: Buffer | undefined;
}

function readInner(plaintext: Buffer, allowed: ReadonlySet<number>, outer: Outer): InnerMessage {
  let octets: Buffer;
  try {
    octets = unpadPlaintext(plaintext);
  } catch (error) {
    if (error instanceof CryptoError) {
      throw new ProtocolError('inner-malformed', error.message, { cause: error });
    }
    throw error;
  }
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
  if (
    serverIdentifier !== undefined &&
    outer.serverIdentifier !== undefined &&
    !serverIdentifier.equals(outer.serverIdentifier)
  ) {
    throw new ProtocolError('inner-server-identifier', 'inner and outer Server Identifier differ');
  }
  return { octets, message };
}

/** The inner message of a query, from its decrypted plaintext. @throws ProtocolError `inner-…` of docs/protocol.md 4 */
export function readInnerQuery(plaintext: Buffer, outer: Outer): InnerMessage {
  return readInner(plaintext, towardsServer, outer);
}

/**
 * The inner message of a response, from its decrypted plaintext. A client continues with the DUID that it names.
 * @throws ProtocolError `inner-…` of docs/protocol.md 4
 */
export function readInnerResponse(plaintext: Buffer, outer: Outer): InnerMessage {
  const inner = readInner(plaintext, towardsClient, outer);
  optionalServerIdentifier(inner.message.options, 'inner Server Identifier');
  return inner;
}
