// SPDX-License-Identifier: MPL-2.0

import {
  decodeMessage,
  encodeMessage,
  findOption,
  type Message,
  MessageType,
  OptionCode,
  readOption,
  StatusCode,
  StatusCodeOption,
} from '../dhcpv6';
import { senderNamed, type UnauthenticatedServer } from './cleartext-server';
import type { DiscoveryAnswer, DiscoveryMethod } from './discovery';
import { ClientError } from './errors';
import { readLeasedAddresses, readLeasedPrefixes } from './lease-options';
import { isRapidReply } from './offer';
import { elapsedTime, optionRequest, type Wishes, wishedOptions } from './wishes';

/**
 * A Solicit in clear (RFC 8415 section 18.2.1). An Advertise without an address or prefix is no offer, and the client
 * goes on looking (section 18.2.9).
 */
export function clearSolicits(wishes: Wishes): DiscoveryMethod<UnauthenticatedServer> {
  return {
    build: (transactionId, elapsed) =>
      encodeMessage({
        msgType: MessageType.Solicit,
        transactionId,
        options: [
          { code: OptionCode.ClientIdentifier, data: wishes.clientIdentifier },
          optionRequest(wishes),
          elapsedTime(elapsed),
          ...wishedOptions(wishes),
        ],
      }),
    read: (octets, transactionId) => {
      const message = decodeMessage(octets);
      return message.transactionId === transactionId ? readOffer(message, wishes) : undefined;
    },
    failure: ({ refusals }) =>
      refusals.size > 0
        ? new ClientError('no-usable-configuration', [...refusals].join('; '))
        : new ClientError('no-server', 'no server authenticated itself, and none answered in clear'),
  };
}

/** Undefined where the message is no answer to this client's Solicit (sections 16.3 and 16.10). */
function readOffer(message: Message, wishes: Wishes): DiscoveryAnswer<UnauthenticatedServer> | undefined {
  const server = senderNamed(message);
  const client = findOption(message.options, OptionCode.ClientIdentifier)?.data;
  const isOffer = message.msgType === MessageType.Advertise || (wishes.rapidCommit && isRapidReply(message));
  if (!isOffer || server === undefined || client?.equals(wishes.clientIdentifier) !== true) {
    return undefined;
  }
  const status = readOption(message.options, StatusCodeOption)?.code ?? StatusCode.Success;
  const leased = [
    ...readLeasedAddresses(message, [wishes.iaid]),
    ...readLeasedPrefixes(message, [wishes.iaid]),
  ];
  if (status !== StatusCode.Success || leased.every(({ items }) => items.length === 0)) {
    return {
      refusal: `the server ${server.name} has no address or prefix to give`,
      offer: message,
    };
  }
  return { server, offer: message };
}
