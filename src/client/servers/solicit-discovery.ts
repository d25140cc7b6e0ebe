// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, findOption, type Message, MessageType, OptionCode } from '../../dhcpv6';
import { decodeSignedResponse, encodeSolicit, openSignedResponse, ProtocolError } from '../../protocol';
import { nobodyAuthenticated, readEncryptedReply } from './authentication';
import type { ClientContext } from './client-context';
import type { DiscoveryAnswer, DiscoveryMethod } from './discovery';
import { isRapidReply } from '../exchange/offer';
import { elapsedTime } from '../exchange/elapsed-time';

/**
 * Solution B, first half (docs/protocol.md 5): the signed Solicit, answered by a signed Encrypted-Response with an
 * Advertise, or with a Reply, inside.
 * @param options of the Solicit; none may identify the client
 */
export function solicits(context: ClientContext, options: readonly DhcpOption[]): DiscoveryMethod {
  const { codePoints, signer, timestamps } = context;
  return {
    build: (transactionId, elapsed) =>
      encodeSolicit(codePoints, signer, transactionId, [elapsedTime(elapsed), ...options], timestamps.next()),
    read: (octets, transactionId) =>
      octets[0] === codePoints.messageTypes['encrypted-reply']
        ? readEncryptedReply(context, octets, transactionId)
        : readSignedResponse(context, octets, transactionId),
    failure: nobodyAuthenticated,
  };
}

/** Its Server Identifier is inside; the outer signature says who vouches for it (docs/protocol.md 4.4). */
function readSignedResponse(
  context: ClientContext,
  octets: Buffer,
  transactionId: number,
): DiscoveryAnswer | undefined {
  const response = decodeSignedResponse(context.codePoints, octets);
  if (response.message.transactionId !== transactionId) {
    return undefined;
  }
  const verified = context.verifier.verify(response, Buffer.alloc(0));
  const inner = openSignedResponse(context.codePoints, octets, context.signer.key, transactionId);
  const serverIdentifier = requireOffer(inner.message);
  const server = { ...verified, serverIdentifier };
  context.verifier.requirePinned(server);
  return { server, offer: inner.message };
}

/** RFC 8415 sections 16.3 and 16.10. The Client Identifier is not there: the client has sent none. */
function requireOffer(message: Message): Buffer {
  const serverIdentifier = findOption(message.options, OptionCode.ServerIdentifier)?.data;
  if (serverIdentifier === undefined) {
    throw new ProtocolError('option-missing', 'an answer without a Server Identifier');
  }
  if (message.msgType === MessageType.Reply && !isRapidReply(message)) {
    throw new ProtocolError('inner-message-type', 'a Reply to a Solicit without Rapid Commit');
  }
  return Buffer.from(serverIdentifier);
}
