// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, findOption, type Message, MessageType, OptionCode, StatusCode } from '../../dhcpv6';
import { ClientError } from '../exchange/errors';
import type { AnswerRating, ExchangePeer, MessageBuilder, PeerIdentity } from '../exchange/exchange-peer';
import { extendsSome, isUsable, type Lease } from './lease';
import { readConfiguration, readLeasedAddresses, readLeasedPrefixes } from './lease-options';
import type { MaxRt } from '../exchange/max-rt';
import { endsTheWait } from '../exchange/offer';
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

/** docs/protocol.md 5.3. */
const oneWayExchanges: readonly Exchange[] = ['Request', 'Release', 'Decline'];

/** Transactions with one peer, and which messages answer them (RFC 8415 sections 16 and 18.2.10). */
export class Transactions {
  constructor(
    private readonly peer: ExchangePeer,
    private readonly leaseRequest: LeaseRequest,
    private readonly now: () => number,
    private readonly maxRt: MaxRt,
  ) {}

  /** A transaction that a Reply ends. @param about the lease that it is about */
  async reply(
    name: Exchange,
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
    about?: Lease,
  ): Promise<Answer | undefined> {
    const [best] = await this.replies(name, parameters, options, about);
    return best;
  }

  /** Likewise with several servers: the best Reply first. */
  replies(
    name: Exchange,
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
    about?: Lease,
  ): Promise<Answer[]> {
    return this.exchange(name, parameters, options, ({ msgType }) => msgType === MessageType.Reply, about);
  }

  /**
   * Sections 16.3 and 16.10: a message that names another client, or no server or another one, is no answer; neither is
   * one that cannot be read.
   * @returns the best answer first
   * @throws ClientError `refused` if every answer leaves the transaction open; `identity-refused` if every server that
   *   answers takes the client's DUID for another's
   */
  async exchange(
    name: Exchange,
    parameters: RetransmissionParameters,
    common: readonly DhcpOption[],
    isAnswer: (message: Message) => boolean,
    about?: Lease,
  ): Promise<Answer[]> {
    const ownName = findOption(common, OptionCode.ClientIdentifier)?.data;
    let refusal: string | undefined;
    const build: MessageBuilder = (transactionId, elapsed) => ({
      msgType: MessageType[name],
      transactionId,
      options: [...common, elapsedTime(elapsed)],
    });
    const read = (message: Message): Answer | undefined => {
      const named = findOption(message.options, OptionCode.ClientIdentifier)?.data;
      const isMine = ownName === undefined ? named === undefined : named?.equals(ownName) === true;
      const sender = this.peer.senderOf(message);
      if (!isMine || sender === undefined || !isAnswer(message)) {
        return undefined;
      }
      const status = statusOf(message);
      this.maxRt.learn(message);
      if (leavesTransactionOpen(MessageType[name], status) && !this.isIdentityRefused(message)) {
        refusal = statusText(sender.name, status);
        return undefined;
      }
      return { message, lease: this.readLease(message, sender, about) };
    };
    const rate = (answer: Answer): AnswerRating => this.rate(name, answer, about);
    const goesOneWay = oneWayExchanges.includes(name);
    const answers = await this.peer.exchange({ parameters, build, read, rate, goesOneWay });
    if (answers.length === 0 && refusal !== undefined) {
      throw new ClientError('refused', refusal);
    }
    const accepted = answers.filter(({ message }) => !this.isIdentityRefused(message));
    const [first] = answers;
    if (first !== undefined && accepted.length === 0) {
      const { name: server } = this.peer.senderOf(first.message) ?? { name: '' };
      const text = statusOf(first.message).message;
      throw new ClientError(
        'identity-refused',
        `the server ${server} takes this client's DUID for that of another client${text && `: ${text}`}`,
      );
    }
    return accepted;
  }

  /**
   * docs/protocol.md 5.1: what grants nothing counts if no other answer comes in time, and what grants something else than the
   * client holds if no server extends that.
   */
  private rate(name: Exchange, { message, lease }: Answer, about: Lease | undefined): AnswerRating {
    if (this.isIdentityRefused(message)) {
      return 'poor';
    }
    switch (name) {
      case 'Solicit':
        return !isUsable(lease) ? 'poor' : endsTheWait(message) ? 'final' : 'good';
      case 'Rebind':
        return !isUsable(lease)
          ? 'poor'
          : about === undefined || extendsSome(lease, about)
            ? 'final'
            : 'good';
      case 'Confirm':
        return statusOf(message).code === StatusCode.Success ? 'final' : 'poor';
      default:
        return 'final';
    }
  }

  private isIdentityRefused(message: Message): boolean {
    return this.peer.identityRefused !== undefined && statusOf(message).code === this.peer.identityRefused;
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
      ...this.peer.notes,
      addresses: readLeasedAddresses(message, iaids),
      prefixes: readLeasedPrefixes(message, iaids),
      configuration: readConfiguration(message),
    };
  }
}
