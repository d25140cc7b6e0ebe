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
} from './question-options';
import { type Answer, Questions } from './questions';
import { isOfOneKind, statusOf, statusText } from '../exchange/reply-status';
import { Retransmission, type RetransmissionParameters } from '../exchange/retransmission';
import { optionRequest, type Wishes, wishedOptions } from './wishes';

/** The exchanges of RFC 8415 section 18.2 with one peer, in clear or inside the encryption. */
export class Exchanges {
  private readonly questions: Questions;

  constructor(
    private readonly peer: ExchangePeer,
    private readonly wishes: Wishes,
    now: () => number,
    private readonly maxRt: MaxRt = new MaxRt(),
  ) {
    this.questions = new Questions(peer, wishes, now, maxRt);
  }

  /**
   * Solicit to Advertise, or to Reply with rapid commit (section 18.2.1).
   * @param transmissions how many Solicits the server gets to answer
   */
  async solicit(transmissions: number): Promise<Message | undefined> {
    const parameters = { ...Retransmission.solicit(this.maxRt.solicit), mrc: transmissions };
    const options = [...this.common(), ...wishedOptions(this.wishes)];
    const answer = await this.questions.ask('Solicit', parameters, options, (message) =>
      message.msgType === MessageType.Advertise ? true : this.wishes.rapidCommit && isRapidReply(message),
    );
    return answer?.message;
  }

  /**
   * What follows an offer of this peer (section 18.2.2). Undefined where it falls silent.
   * @throws ClientError `refused`, `no-usable-configuration`
   */
  async accept(offer: Message): Promise<Lease | undefined> {
    const offered = this.questions.readLease(offer, this.requireSender(offer));
    this.requireSuccess(offer, offered);
    this.requireUsable(offered);
    return offer.msgType === MessageType.Reply ? offered : this.request(offered);
  }

  private async request(offered: Lease, server = this.peer.identity): Promise<Lease | undefined> {
    const options = [...this.common(), serverOption(server), ...wantedAssociations(offered, this.wishes)];
    const answer = await this.questions.reply('Request', Retransmission.request, options, offered);
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer.message, answer.lease);
    this.requireUsable(answer.lease);
    return answer.lease;
  }

  /** Section 18.2.4. @param remaining seconds until T2 */
  async renew(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const options = [
      ...this.common(),
      serverOption(this.peer.identity),
      ...wantedAssociations(lease, this.wishes),
    ];
    return this.extend(
      lease,
      await this.questions.reply('Renew', Retransmission.renew(remaining), options, lease),
    );
  }

  /**
   * Section 18.2.5.
   * @param remaining seconds until the last valid lifetime ends
   * @param transmissions how many Rebinds the server gets to answer; without bound in clear, where each goes to all
   */
  async rebind(lease: Lease, remaining: number, transmissions = 0): Promise<Lease | undefined> {
    const parameters = { ...Retransmission.rebind(remaining), mrc: transmissions };
    const options = [...this.common(), ...wantedAssociations(lease, this.wishes)];
    return this.extend(lease, await this.questions.reply('Rebind', parameters, options, lease));
  }

  /**
   * Section 18.2.3.
   * @param duration seconds
   * @returns whether the addresses still fit the link; undefined where nobody answered
   */
  async confirm(lease: Lease, duration: number = Retransmission.confirm.mrd): Promise<boolean | undefined> {
    const parameters = { ...Retransmission.confirm, mrd: duration };
    const options = [...this.common(), ...addressAssociationsOf(lease)];
    const answer = await this.questions.reply('Confirm', parameters, options);
    return answer === undefined ? undefined : statusOf(answer.message).code === StatusCode.Success;
  }

  /** Section 18.2.7. @returns whether the server has confirmed it */
  async release(lease: Lease): Promise<boolean> {
    const options = [...this.common(), serverOption(this.peer.identity), ...associationsOf(lease)];
    return this.told('Release', Retransmission.release, options);
  }

  /** Section 18.2.8. @returns whether the server has confirmed it */
  async decline(lease: Lease): Promise<boolean> {
    const options = [...this.common(), serverOption(this.peer.identity), ...addressAssociationsOf(lease)];
    return this.told('Decline', Retransmission.decline, options);
  }

  /**
   * Section 18.2.6.
   * @param bounds where the retransmission ends: RFC 8415 lets it go on for ever
   */
  async informationRequest(
    bounds: Partial<Pick<RetransmissionParameters, 'mrc' | 'mrd'>>,
  ): Promise<Lease | undefined> {
    const parameters = { ...Retransmission.informationRequest(this.maxRt.informationRequest), ...bounds };
    // In clear it names nobody (RFC 7844 section 4.5): what is asked for depends on no DUID.
    const wanted = optionRequest(this.wishes, [OptionCode.InformationRefreshTime]);
    const options = this.isEncrypted ? [...identityOptions(this.wishes), wanted] : [wanted];
    const answer = await this.questions.reply('InformationRequest', parameters, options);
    return answer === undefined ? undefined : { ...answer.lease, addresses: [], prefixes: [] };
  }

  /** Sections 18.2.10.2 and 18.2.10.3: whatever else a Reply says, the server has heard it. */
  private async told(
    name: 'Release' | 'Decline',
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
  ): Promise<boolean> {
    try {
      return (await this.questions.reply(name, parameters, options)) !== undefined;
    } catch (error) {
      if (error instanceof ClientError && error.code === 'refused') {
        return false;
      }
      throw error;
    }
  }

  /** What was heard in the last exchange and was no answer, as an end of a sentence; empty where nothing was. */
  get ignored(): string {
    return ignoredText(this.peer.ignored);
  }

  private get isEncrypted(): boolean {
    return this.peer.identity?.key !== undefined;
  }

  private common(): DhcpOption[] {
    return [...identityOptions(this.wishes), optionRequest(this.wishes)];
  }

  private requireSender(message: Message): PeerIdentity {
    const sender = this.peer.senderOf(message);
    if (sender === undefined) {
      throw new ClientError('no-usable-configuration', 'an offer is of another server than it came from');
    }
    return sender;
  }

  /** Section 18.2.10.1: a server without the binding is asked for one at once, with all associations. */
  private async extend(lease: Lease, answer: Answer | undefined): Promise<Lease | undefined> {
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer.message, answer.lease);
    const updated = updateLease(lease, answer.lease, answer.message, this.wishes.iaid);
    if (updated.isUnbound) {
      const sender = this.requireSender(answer.message);
      const isOwn = sender.serverIdentifier.toString('hex') === lease.serverIdentifier;
      return this.bind(updated.lease, sender, updated.isGone && isOwn);
    }
    if (!isUsable(updated.lease)) {
      throw new ClientError('lease-ended', `the server ${answer.lease.serverName} has ended the lease`);
    }
    if (!updated.isAnswered) {
      throw new ClientError('refused', `the server ${answer.lease.serverName} has prolonged nothing`);
    }
    return updated.lease;
  }

  /** @param isGone whether nothing is left of the lease but what this brings */
  private async bind(lease: Lease, server: PeerIdentity, isGone: boolean): Promise<Lease | undefined> {
    try {
      return await this.request(lease, server);
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
