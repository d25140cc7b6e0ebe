// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, findOption, type Message, MessageType, OptionCode } from '../../dhcpv6';
import { ClientError } from '../exchange/errors';
import type { ExchangePeer, MessageBuilder, PeerIdentity } from '../exchange/exchange-peer';
import type { Lease } from './lease';
import { readConfiguration, readLeasedAddresses, readLeasedPrefixes } from './lease-options';
import type { MaxRt } from '../exchange/max-rt';
import { isQuestionOpen, statusOf, statusText } from '../exchange/reply-status';
import type { RetransmissionParameters } from '../exchange/retransmission';
import { elapsedTime } from '../exchange/elapsed-time';
import type { Wishes } from './wishes';

type Exchange = Exclude<keyof typeof MessageType, 'Advertise' | 'Reply'>;

/** A message that answers the question, and what it leases. */
export interface Answer {
  readonly message: Message;
  readonly lease: Lease;
}

/** Questions to one peer, and which messages answer them (RFC 8415 sections 16 and 18.2.10). */
export class Questions {
  constructor(
    private readonly peer: ExchangePeer,
    private readonly wishes: Wishes,
    private readonly now: () => number,
    private readonly maxRt: MaxRt,
  ) {}

  /** A question that a Reply answers. @param asked the lease that it is about */
  reply(
    name: Exchange,
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
    asked?: Lease,
  ): Promise<Answer | undefined> {
    return this.ask(name, parameters, options, ({ msgType }) => msgType === MessageType.Reply, asked);
  }

  /**
   * Sections 16.3 and 16.10: an answer that names another client, or no server or another one, is none; neither is
   * one that cannot be read.
   * @throws ClientError `refused` where all that was heard leaves the question open
   */
  async ask(
    name: Exchange,
    parameters: RetransmissionParameters,
    question: readonly DhcpOption[],
    isAnswer: (message: Message) => boolean,
    asked?: Lease,
  ): Promise<Answer | undefined> {
    const ownName = findOption(question, OptionCode.ClientIdentifier)?.data;
    let refusal: string | undefined;
    const build: MessageBuilder = (transactionId, elapsed) => ({
      msgType: MessageType[name],
      transactionId,
      options: [...question, elapsedTime(elapsed)],
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
      if (isQuestionOpen(MessageType[name], status)) {
        refusal = statusText(sender.name, status);
        return undefined;
      }
      return { message, lease: this.readLease(message, sender, asked) };
    });
    if (answer === undefined && refusal !== undefined) {
      throw new ClientError('refused', refusal);
    }
    return answer;
  }

  /** @param asked the lease that the question was about; where there is none, it was about the wishes */
  readLease(message: Message, sender: PeerIdentity, asked?: Lease): Lease {
    const { clientIdentifier, iaid } = this.wishes;
    const held = asked === undefined ? [] : [...asked.addresses, ...asked.prefixes].map((ia) => ia.iaid);
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
