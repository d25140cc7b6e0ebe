// SPDX-License-Identifier: MPL-2.0

import {
  ClientFqdnOption,
  type DhcpOption,
  findOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
  StatusCode,
} from '../dhcpv6';
import { ClientError } from './errors';
import type { ExchangePeer, MessageBuilder, PeerIdentity } from './exchange-peer';
import { isUsable, type Lease } from './lease';
import {
  addressAssociation,
  prefixAssociation,
  readConfiguration,
  readLeasedAddresses,
  readLeasedPrefixes,
} from './lease-options';
import { updateLease } from './lease-update';
import { MaxRt } from './max-rt';
import { isRapidReply } from './offer';
import { isQuestionOpen, statusOf, statusText } from './reply-status';
import { Retransmission, type RetransmissionParameters } from './retransmission';
import { elapsedTime, optionRequest, type Wishes, wishedOptions } from './wishes';

type Exchange = Exclude<keyof typeof MessageType, 'Advertise' | 'Reply'>;

/** A message that answers the question, and what it leases. */
interface Answer {
  readonly message: Message;
  readonly lease: Lease;
}

/** The exchanges of RFC 8415 section 18.2 with one peer, in clear or inside the encryption. */
export class Exchanges {
  constructor(
    private readonly peer: ExchangePeer,
    private readonly wishes: Wishes,
    private readonly now: () => number,
    private readonly maxRt: MaxRt = new MaxRt(),
  ) {}

  /**
   * Solicit to Advertise, or to Reply with rapid commit (section 18.2.1).
   * @param transmissions how many Solicits the server gets to answer
   */
  async solicit(transmissions: number): Promise<Message | undefined> {
    const parameters = { ...Retransmission.solicit(this.maxRt.solicit), mrc: transmissions };
    const options = [...this.common(), ...wishedOptions(this.wishes)];
    const answer = await this.ask('Solicit', parameters, options, (message) =>
      message.msgType === MessageType.Advertise ? true : this.wishes.rapidCommit && isRapidReply(message),
    );
    return answer?.message;
  }

  /**
   * What follows an offer of this peer (section 18.2.2). Undefined where it falls silent.
   * @throws ClientError `refused`, `no-usable-configuration`
   */
  async accept(offer: Message): Promise<Lease | undefined> {
    this.requireSuccess(offer);
    const offered = this.readLease(offer, this.requireSender(offer));
    this.requireUsable(offered);
    return offer.msgType === MessageType.Reply ? offered : this.request(offered);
  }

  private async request(offered: Lease, server = this.peer.identity): Promise<Lease | undefined> {
    const answer = await this.reply('Request', Retransmission.request, [
      ...this.common(),
      this.serverOption(server),
      ...this.wantedAssociations(offered),
    ]);
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer.message);
    this.requireUsable(answer.lease);
    return answer.lease;
  }

  /** Section 18.2.4. @param remaining seconds until T2 */
  async renew(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const options = [...this.common(), this.serverOption(), ...this.wantedAssociations(lease)];
    return this.extend(lease, await this.reply('Renew', Retransmission.renew(remaining), options, lease));
  }

  /** Section 18.2.5. @param remaining seconds until the last valid lifetime ends */
  async rebind(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const options = [...this.common(), ...this.wantedAssociations(lease)];
    return this.extend(lease, await this.reply('Rebind', Retransmission.rebind(remaining), options, lease));
  }

  /** Section 18.2.3. @returns whether the addresses still fit the link; undefined where nobody answered */
  async confirm(lease: Lease): Promise<boolean | undefined> {
    const options = [...this.common(), ...addressAssociationsOf(lease)];
    const answer = await this.reply('Confirm', Retransmission.confirm, options);
    return answer === undefined ? undefined : statusOf(answer.message).code === StatusCode.Success;
  }

  /** Section 18.2.7. @returns whether the server has confirmed it */
  async release(lease: Lease): Promise<boolean> {
    const options = [...this.common(), this.serverOption(), ...associationsOf(lease)];
    return this.told('Release', Retransmission.release, options);
  }

  /** Section 18.2.8. @returns whether the server has confirmed it */
  async decline(lease: Lease): Promise<boolean> {
    const options = [...this.common(), this.serverOption(), ...addressAssociationsOf(lease)];
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
    const options = this.isEncrypted ? [...this.identity(), wanted] : [wanted];
    const answer = await this.reply('InformationRequest', parameters, options);
    return answer === undefined ? undefined : { ...answer.lease, addresses: [], prefixes: [] };
  }

  /** Sections 18.2.10.2 and 18.2.10.3: whatever else a Reply says, the server has heard it. */
  private async told(
    name: 'Release' | 'Decline',
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
  ): Promise<boolean> {
    try {
      return (await this.reply(name, parameters, options)) !== undefined;
    } catch (error) {
      if (error instanceof ClientError && error.code === 'refused') {
        return false;
      }
      throw error;
    }
  }

  private get isEncrypted(): boolean {
    return this.peer.identity?.key !== undefined;
  }

  private reply(
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
  private async ask(
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

  private common(): DhcpOption[] {
    return [...this.identity(), optionRequest(this.wishes)];
  }

  private identity(): DhcpOption[] {
    const { clientIdentifier, fqdn } = this.wishes;
    return [
      { code: OptionCode.ClientIdentifier, data: clientIdentifier },
      ...(fqdn === undefined
        ? []
        : [makeOption(ClientFqdnOption, { s: true, o: false, n: false, name: fqdn })]),
    ];
  }

  private serverOption(identity = this.peer.identity): DhcpOption {
    if (identity === undefined) {
      throw new Error('this exchange is with one server, and none is named');
    }
    return { code: OptionCode.ServerIdentifier, data: identity.serverIdentifier };
  }

  private requireSender(message: Message): PeerIdentity {
    const sender = this.peer.senderOf(message);
    if (sender === undefined) {
      throw new ClientError('no-usable-configuration', 'an offer is of another server than it came from');
    }
    return sender;
  }

  /** What the client has, and what it lacks and still wants (section 18.2.4). */
  private wantedAssociations(lease: Lease): DhcpOption[] {
    const { address, prefix, iaid } = this.wishes;
    return [
      ...associationsOf(lease),
      ...(address && lease.addresses.length === 0 ? [addressAssociation(iaid)] : []),
      ...(prefix && lease.prefixes.length === 0 ? [prefixAssociation(iaid)] : []),
    ];
  }

  /** Section 18.2.10.1: a server without the binding is asked for one at once, with all associations. */
  private async extend(lease: Lease, answer: Answer | undefined): Promise<Lease | undefined> {
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer.message);
    const updated = updateLease(lease, answer.lease, answer.message, this.wishes.iaid);
    if (updated.isUnbound) {
      const sender = this.requireSender(answer.message);
      return this.request(updated.lease, sender);
    }
    if (!isUsable(updated.lease)) {
      throw new ClientError('lease-ended', `the server ${answer.lease.serverName} has ended the lease`);
    }
    return updated.lease;
  }

  /** @param asked the lease that the question was about; where there is none, it was about the wishes */
  private readLease(message: Message, sender: PeerIdentity, asked?: Lease): Lease {
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

  private requireSuccess(message: Message): void {
    const status = statusOf(message);
    if (status.code !== StatusCode.Success) {
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

function addressAssociationsOf({ addresses }: Lease): DhcpOption[] {
  return addresses.map(({ iaid, items }) => addressAssociation(iaid, items));
}

function associationsOf(lease: Lease): DhcpOption[] {
  const prefixes = lease.prefixes.map(({ iaid, items }) => prefixAssociation(iaid, items));
  return [...addressAssociationsOf(lease), ...prefixes];
}
