// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, findOption, type Message, MessageType, OptionCode } from '../../dhcpv6';
import { ClientError } from '../exchange/errors';
import type { ExchangePeer, MessageBuilder, PeerIdentity } from '../exchange/exchange-peer';
import type { Lease } from './lease';
import { readConfiguration, readLeasedAddresses, readLeasedPrefixes } from './lease-options';
import type { MaxRt } from '../exchange/max-rt';
import { leavesTransactionOpen, statusOf, statusText } from '../exchange/reply-status';
import type { RetransmissionParameters } from '../exchange/retransmission';
import { elapsedTime } from '../exchange/elapsed-time';
import type { LeaseRequest } from './lease-request';

type Exchange = Exclude<keyof typeof MessageType, 'Advertise' | 'Reply'>;

/** A message that answers the client's, and what it leases. */
export interface Answer {
  readonly message: Message;
  readonly lease: Lease;
}

/** Transactions with one peer, and which messages answer them (RFC 8415 sections 16 and 18.2.10). */
export class Transactions {
  constructor(
    private readonly peer: ExchangePeer,
    private readonly leaseRequest: LeaseRequest,
    private readonly now: () => number,
    private readonly maxRt: MaxRt,
  ) {}

  /**
   * A transaction that a Reply ends.
   * @param about the lease that it is about
   * @throws ClientError as {@link exchange}
   */
  reply(
    name: Exchange,
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
    about?: Lease,
  ): Promise<Answer | undefined> {
    return this.exchange(name, parameters, options, ({ msgType }) => msgType === MessageType.Reply, about);
  }

  /**
   * Sections 16.3 and 16.10: a message that names another client, or no server or another one, is no answer; neither is
   * one that cannot be read.
   * @throws ClientError `refused` if every answer leaves the transaction open
   */
  async exchange(
    name: Exchange,
    parameters: RetransmissionParameters,
    common: readonly DhcpOption[],
    isAnswer: (message: Message) => boolean,
    about?: Lease,
  ): Promise<Answer | undefined> {
    const ownName = findOption(common, OptionCode.ClientIdentifier)?.data;
    let refusal: string | undefined;
    const build: MessageBuilder = (transactionId, elapsed) => ({
      msgType: MessageType[name],
      transactionId,
      options: [...common, elapsedTime(elapsed)],
    });
    const answer = await this.peer.exchange(parameters, build, (message) => {
      const named = findOption(message.options, OptionCode.ClientIdentifier)?.data;
      const isMine = ownName === undefined ? named === undefined : named?.equals(ownName) === true;
      const sender = this.peer.senderOf(message);
      if (!isMine || sender === undefined || !isAnswer(message)) {
        return undefined;
      }
      const status = statusOf(message);
      this.maxRt.learn(message);
      if (leavesTransactionOpen(MessageType[name], status)) {
        refusal = statusText(sender.name, status);
        return undefined;
      }
      return { message, lease: this.readLease(message, sender, about) };
    });
    if (answer === undefined && refusal !== undefined) {
      throw new ClientError('refused', refusal);
    }
    return answer;
  }

  /** @param about the lease that the transaction is about; undefined if it is about the lease request */
  readLease(message: Message, sender: PeerIdentity, about?: Lease): Lease {
    const { clientIdentifier, iaid } = this.leaseRequest;
    const held = about === undefined ? [] : [...about.addresses, ...about.prefixes].map((ia) => ia.iaid);
    const iaids = [...new Set([...held, iaid])];
    const { serverIdentifier, name, key } = sender;
    return {
      encrypted: key !== undefined,
      clientIdentifier: clientIdentifier.toString('hex'),
      serverIdentifier: serverIdentifier.toString('hex'),
      serverName: name,
      serverKey: key?.spki.toString('hex') ?? '',
      obtained: this.now(),
      addresses: readLeasedAddresses(message, iaids),
      prefixes: readLeasedPrefixes(message, iaids),
      configuration: readConfiguration(message),
    };
  }
}
