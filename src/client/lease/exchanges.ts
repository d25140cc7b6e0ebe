// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, type Message, MessageType, OptionCode, StatusCode } from '../../dhcpv6';
import { ClientError } from '../exchange/errors';
import { type ExchangePeer, ignoredText, type PeerIdentity } from '../exchange/exchange-peer';
import { isUsable, type Lease } from './lease';
import { updateLease } from './lease-update';
import { MaxRt } from '../exchange/max-rt';
import { isRapidReply } from '../exchange/offer';
import {
  addressAssociationsOf,
  associationsOf,
  identityOptions,
  serverOption,
  wantedAssociations,
} from './message-options';
import { type Answer, Transactions } from './transactions';
import { isOfOneKind, statusOf, statusText } from '../exchange/reply-status';
import { Retransmission, type RetransmissionParameters } from '../exchange/retransmission';
import { optionRequest, type LeaseRequest, solicitOptions } from './lease-request';

/** The exchanges of RFC 8415 section 18.2 with one peer, in clear or inside the encryption. */
export class Exchanges {
  private readonly transactions: Transactions;

  constructor(
    private readonly peer: ExchangePeer,
    private readonly leaseRequest: LeaseRequest,
    private readonly now: () => number,
    private readonly maxRt: MaxRt = new MaxRt(),
  ) {
    this.transactions = new Transactions(peer, leaseRequest, now, maxRt);
  }

  /**
   * Solicit to Advertises, or to a Reply with rapid commit (section 18.2.1).
   * @param mrd seconds; 0 for no bound
   */
  async solicit(mrd: number): Promise<Message[]> {
    const parameters = { ...Retransmission.solicit(this.maxRt.solicit), mrd };
    const options = [...this.common(), ...solicitOptions(this.leaseRequest)];
    const answers = await this.transactions.exchange('Solicit', parameters, options, (message) =>
      message.msgType === MessageType.Advertise
        ? true
        : this.leaseRequest.rapidCommit && isRapidReply(message),
    );
    return answers.map(({ message }) => message);
  }

  /**
   * Accepts an offer of this peer (section 18.2.2). Undefined if it does not answer.
   * @throws ClientError `refused`, `no-usable-configuration`
   */
  async accept(offer: Message): Promise<Lease | undefined> {
    const offered = this.transactions.readLease(offer, this.requireSender(offer));
    this.requireSuccess(offer, offered);
    this.requireUsable(offered);
    return offer.msgType === MessageType.Reply ? offered : this.request(offered);
  }

  private async request(offered: Lease): Promise<Lease | undefined> {
    const options = [
      ...this.common(),
      serverOption(this.peer.identity),
      ...wantedAssociations(offered, this.leaseRequest),
    ];
    const answer = await this.transactions.reply('Request', Retransmission.request, options, offered);
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer.message, answer.lease);
    this.requireUsable(answer.lease);
    return answer.lease;
  }

  /**
   * Section 18.2.4.
   * @param remaining seconds until T2
   * @throws ClientError `refused`, `no-usable-configuration`, `lease-ended`, `stopped`
   */
  async renew(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const options = [
      ...this.common(),
      serverOption(this.peer.identity),
      ...wantedAssociations(lease, this.leaseRequest),
    ];
    return this.extend(
      lease,
      await this.transactions.reply('Renew', Retransmission.renew(remaining), options, lease),
    );
  }

  /** Section 18.2.5. @param remaining seconds until the last valid lifetime ends */
  async rebind(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const parameters = Retransmission.rebind(remaining);
    const options = [...this.common(), ...wantedAssociations(lease, this.leaseRequest)];
    return this.extendByAny(lease, await this.transactions.replies('Rebind', parameters, options, lease));
  }

  /** The lease has ended if a server says so and no other has extended it (section 18.3.5). */
  private async extendByAny(lease: Lease, answers: readonly Answer[]): Promise<Lease | undefined> {
    let failure: ClientError | undefined;
    for (const answer of answers) {
      try {
        return await this.extend(lease, answer);
      } catch (error) {
        if (!(error instanceof ClientError) || error.code === 'stopped') {
          throw error;
        }
        failure = failure === undefined || error.code === 'lease-ended' ? error : failure;
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
    return undefined;
  }

  /**
   * Section 18.2.3.
   * @returns whether the addresses still fit the link; undefined if no server answered
   */
  async confirm(lease: Lease): Promise<boolean | undefined> {
    const options = [...this.common(), ...addressAssociationsOf(lease)];
    const answer = await this.transactions.reply('Confirm', Retransmission.confirm, options);
    return answer === undefined ? undefined : statusOf(answer.message).code === StatusCode.Success;
  }

  /**
   * Section 18.2.7.
   * @returns whether the server has confirmed it
   * @throws ClientError `stopped`
   */
  async release(lease: Lease): Promise<boolean> {
    const options = [...this.common(), serverOption(this.peer.identity), ...associationsOf(lease)];
    return this.inform('Release', Retransmission.release, options);
  }

  /**
   * Section 18.2.8.
   * @returns whether the server has confirmed it
   * @throws ClientError `stopped`
   */
  async decline(lease: Lease): Promise<boolean> {
    const options = [...this.common(), serverOption(this.peer.identity), ...addressAssociationsOf(lease)];
    return this.inform('Decline', Retransmission.decline, options);
  }

  /**
   * Section 18.2.6.
   * @param bounds of the retransmission: RFC 8415 sets none
   */
  async informationRequest(
    bounds: Partial<Pick<RetransmissionParameters, 'mrc' | 'mrd'>>,
  ): Promise<Lease | undefined> {
    const parameters = { ...Retransmission.informationRequest(this.maxRt.informationRequest), ...bounds };
    // In clear it has no Client Identifier (RFC 7844 section 4.5): the configuration depends on no DUID.
    const wanted = optionRequest(this.leaseRequest, [OptionCode.InformationRefreshTime]);
    const options = this.isEncrypted ? [...identityOptions(this.leaseRequest), wanted] : [wanted];
    const answer = await this.transactions.reply('InformationRequest', parameters, options);
    return answer === undefined ? undefined : { ...answer.lease, addresses: [], prefixes: [] };
  }

  /** Sections 18.2.10.2 and 18.2.10.3: any Reply, with whatever status, ends the exchange. */
  private async inform(
    name: 'Release' | 'Decline',
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
  ): Promise<boolean> {
    try {
      return (await this.transactions.reply(name, parameters, options)) !== undefined;
    } catch (error) {
      if (error instanceof ClientError && (error.code === 'refused' || error.code === 'identity-refused')) {
        return false;
      }
      throw error;
    }
  }

  /** The refused answers of the last exchange, to follow a sentence; empty if there were none. */
  get ignored(): string {
    return ignoredText(this.peer.ignored);
  }

  private get isEncrypted(): boolean {
    return this.peer.identityRefused !== undefined;
  }

  private common(): DhcpOption[] {
    return [...identityOptions(this.leaseRequest), optionRequest(this.leaseRequest)];
  }

  private requireSender(message: Message): PeerIdentity {
    const sender = this.peer.senderOf(message);
    if (sender === undefined) {
      throw new ClientError('no-usable-configuration', 'an offer is of another server than it came from');
    }
    return sender;
  }

  /** Section 18.2.10.1: if the server lacks the binding, a Request for all associations follows at once. */
  private async extend(lease: Lease, answer: Answer | undefined): Promise<Lease | undefined> {
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer.message, answer.lease);
    const updated = updateLease(lease, answer.lease, answer.message, this.leaseRequest.iaid);
    if (updated.isUnbound) {
      const sender = this.requireSender(answer.message);
      const isOwn = sender.serverIdentifier.toString('hex') === lease.serverIdentifier;
      return this.bind(updated.lease, sender, updated.isGone && isOwn);
    }
    if (!isUsable(updated.lease)) {
      throw new ClientError('lease-ended', `the server ${answer.lease.serverName} has ended the lease`);
    }
    if (!updated.isAnswered) {
      throw new ClientError('refused', `the server ${answer.lease.serverName} has extended nothing`);
    }
    return updated.lease;
  }

  /** @param isGone whether nothing is left of the lease but what this brings */
  private async bind(lease: Lease, server: PeerIdentity, isGone: boolean): Promise<Lease | undefined> {
    try {
      const exchanges = new Exchanges(this.peer.only(server), this.leaseRequest, this.now, this.maxRt);
      return await exchanges.request(lease);
    } catch (error) {
      const isNothing =
        error instanceof ClientError && ['refused', 'no-usable-configuration'].includes(error.code);
      if (!isGone || !isNothing) {
        throw error;
      }
      throw new ClientError(
        'lease-ended',
        `the server ${server.name} does not have the lease any more: ${error.message}`,
        { cause: error },
      );
    }
  }

  /** @param given what the message leases */
  private requireSuccess(message: Message, given: Lease): void {
    const status = statusOf(message);
    if (status.code !== StatusCode.Success && !(isOfOneKind(status) && isUsable(given))) {
      throw new ClientError('refused', statusText(this.peer.senderOf(message)?.name ?? '', status));
    }
  }

  private requireUsable(lease: Lease): void {
    if (!isUsable(lease)) {
      throw new ClientError(
        'no-usable-configuration',
        `the server ${lease.serverName} has no address or prefix to give`,
      );
    }
  }
}
