// SPDX-License-Identifier: MPL-2.0

import {
  decodeMessageTolerantly,
  encodeMessage,
  findOption,
  type Message,
  MessageType,
  OptionCode,
  StatusCode,
} from '../../dhcpv6';
import { ProtocolError } from '../../protocol';
import { senderNamed, type UnauthenticatedServer } from './cleartext-server';
import type { DiscoveryAnswer, DiscoveryMethod } from '../servers/discovery';
import { ClientError } from '../exchange/errors';
import { ignoredText } from '../exchange/exchange-peer';
import { readLeasedAddresses, readLeasedPrefixes } from '../lease/lease-options';
import { isRapidReply } from '../exchange/offer';
import { isOfOneKind, statusOf, statusText } from '../exchange/reply-status';
import { elapsedTime } from '../exchange/elapsed-time';
import { optionRequest, type LeaseRequest, solicitOptions } from '../lease/lease-request';

/**
 * A Solicit in clear (RFC 8415 section 18.2.1). An Advertise without an address or prefix is no offer, and the client
 * keeps looking (section 18.2.9).
 */
export function clearSolicits(leaseRequest: LeaseRequest): DiscoveryMethod<UnauthenticatedServer> {
  return {
    ways: () => ['plain'],
    build: (transactionId, elapsed) =>
      encodeMessage({
        msgType: MessageType.Solicit,
        transactionId,
        options: [
          { code: OptionCode.ClientIdentifier, data: leaseRequest.clientIdentifier },
          optionRequest(leaseRequest),
          elapsedTime(elapsed),
          ...solicitOptions(leaseRequest),
        ],
      }),
    read: ({ octets }, transactionId) => {
      const message = decodeMessageTolerantly(octets);
      return message.transactionId === transactionId ? readOffer(message, leaseRequest) : undefined;
    },
    failure: ({ refusals, ignored }) =>
      refusals.size > 0
        ? new ClientError('no-usable-configuration', `${[...refusals].join('; ')}${ignoredText(ignored)}`)
        : new ClientError(
            'no-server',
            `no server authenticated itself, and none answered in clear${ignoredText(ignored)}`,
          ),
  };
}

/**
 * Undefined if the message is no answer to a Solicit.
 * @throws ProtocolError if it is one, and names no server, or not this client (sections 16.3 and 16.10)
 */
function readOffer(
  message: Message,
  leaseRequest: LeaseRequest,
): DiscoveryAnswer<UnauthenticatedServer> | undefined {
  const server = senderNamed(message);
  const client = findOption(message.options, OptionCode.ClientIdentifier)?.data;
  const isOffer =
    message.msgType === MessageType.Advertise || (leaseRequest.rapidCommit && isRapidReply(message));
  if (!isOffer) {
    return undefined;
  }
  if (server === undefined) {
    throw new ProtocolError(
      'option-missing',
      'an answer in clear without a Server Identifier that is a DUID',
    );
  }
  if (client?.equals(leaseRequest.clientIdentifier) !== true) {
    throw new ProtocolError(
      'option-missing',
      `the server ${server.name} answers another client than this one`,
    );
  }
  const status = statusOf(message);
  const leased = [
    ...readLeasedAddresses(message, [leaseRequest.iaid]),
    ...readLeasedPrefixes(message, [leaseRequest.iaid]),
  ];
  const isEmpty = leased.every(({ items }) => items.length === 0);
  if (status.code !== StatusCode.Success && (isEmpty || !isOfOneKind(status))) {
    return { refusal: statusText(server.name, status), offer: message };
  }
  if (isEmpty) {
    return { refusal: `the server ${server.name} has no address or prefix to give`, offer: message };
  }
  return { server, offer: message };
}
