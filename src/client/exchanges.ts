// SPDX-License-Identifier: MPL-2.0

import {
  ClientFqdnOption,
  type DhcpOption,
  ElapsedTimeOption,
  findOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
  OptionRequestOption,
  RapidCommitOption,
  readOption,
  StatusCode,
  StatusCodeOption,
} from '../dhcpv6';
import { ClientError } from './errors';
import { isUsable, type Lease } from './lease';
import {
  addressAssociation,
  prefixAssociation,
  readConfiguration,
  readLeasedAddresses,
  readLeasedPrefixes,
} from './lease-options';
import { DEFAULT_MAX_RT, Retransmission, type RetransmissionParameters } from './retransmission';
import type { AnswerReader, MessageBuilder, SecureServer } from './secure-server';

/** What the client asks for. */
export interface Wishes {
  /** The client's DUID. */
  readonly clientIdentifier: Buffer;
  readonly iaid: number;
  readonly address: boolean;
  readonly prefix: boolean;
  readonly rapidCommit: boolean;
  readonly fqdn: string | undefined;
}

/** What a Solicit of solution B asks for: nothing that identifies the client (docs/protocol.md 3). */
export function anonymousOptions({ iaid, address, prefix, rapidCommit }: Wishes): DhcpOption[] {
  return [
    makeOption(OptionRequestOption, requestedOptions),
    ...(rapidCommit ? [makeOption(RapidCommitOption, true)] : []),
    ...(address ? [addressAssociation(iaid)] : []),
    ...(prefix ? [prefixAssociation(iaid)] : []),
  ];
}

type Exchange = Exclude<keyof typeof MessageType, 'Advertise' | 'Reply'>;

const requestedOptions = [
  OptionCode.DnsServers,
  OptionCode.DomainList,
  OptionCode.SolMaxRt,
  OptionCode.InfMaxRt,
];

/** Elapsed Time counts hundredths of a second and stays at its largest value (RFC 8415 section 21.9). */
const longestElapsed = 0xffff;

/** How many Solicits a server gets to answer before the next server is asked. */
const solicitsPerServer = 4;

interface Question {
  readonly msgType: number;
  readonly options: readonly DhcpOption[];
}

/** The exchanges of RFC 8415 section 18.2 with one server, each inside the encryption. */
export class Exchanges {
  constructor(
    private readonly server: SecureServer,
    private readonly wishes: Wishes,
    private readonly now: () => number,
  ) {}

  /** Solicit to Reply (sections 18.2.1 and 18.2.2). Undefined where this server does not answer. */
  async obtain(): Promise<Lease | undefined> {
    const solicit = {
      msgType: MessageType.Solicit,
      options: [
        ...this.common(),
        ...(this.wishes.rapidCommit ? [makeOption(RapidCommitOption, true)] : []),
        ...this.associations(),
      ],
    };
    const parameters = { ...Retransmission.solicit(DEFAULT_MAX_RT), mrc: solicitsPerServer };
    const answer = await this.server.exchange(parameters, this.build(solicit), (message) =>
      message.msgType === MessageType.Advertise || this.isRapidReply(message)
        ? this.mine(message)
        : undefined,
    );
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer);
    const offered = this.readLease(answer);
    if (answer.msgType === MessageType.Reply) {
      return offered;
    }
    this.requireUsable(offered);
    return this.request(offered);
  }

  /** What follows an offer that came with the server's authentication (solution B). */
  async accept(offer: Message): Promise<Lease | undefined> {
    this.requireSuccess(offer);
    const offered = this.readLease(offer);
    this.requireUsable(offered);
    return offer.msgType === MessageType.Reply ? offered : this.request(offered);
  }

  private async request(offered: Lease): Promise<Lease | undefined> {
    const answer = await this.reply('Request', Retransmission.request, [
      ...this.common(),
      this.serverOption(),
      ...this.associations(offered),
    ]);
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer);
    const lease = this.readLease(answer);
    this.requireUsable(lease);
    return lease;
  }

  /** Section 18.2.4. @param remaining seconds until T2 */
  async renew(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const options = [...this.common(), this.serverOption(), ...this.associations(lease)];
    return this.extend(lease, await this.reply('Renew', Retransmission.renew(remaining), options));
  }

  /** Section 18.2.5. @param remaining seconds until the last valid lifetime ends */
  async rebind(lease: Lease, remaining: number): Promise<Lease | undefined> {
    const options = [...this.common(), ...this.associations(lease)];
    return this.extend(lease, await this.reply('Rebind', Retransmission.rebind(remaining), options));
  }

  /** Section 18.2.3. @returns whether the addresses still fit the link; undefined where nobody answered */
  async confirm(lease: Lease): Promise<boolean | undefined> {
    const addresses = lease.addresses.map(({ iaid, items }) => addressAssociation(iaid, items));
    const answer = await this.reply('Confirm', Retransmission.confirm, [...this.common(), ...addresses]);
    return answer === undefined ? undefined : statusOf(answer).code === StatusCode.Success;
  }

  /** Section 18.2.7. @returns whether the server has confirmed it */
  async release(lease: Lease): Promise<boolean> {
    const options = [...this.common(), this.serverOption(), ...this.associations(lease)];
    return (await this.reply('Release', Retransmission.release, options)) !== undefined;
  }

  /** Section 18.2.8. @returns whether the server has confirmed it */
  async decline(lease: Lease): Promise<boolean> {
    const addresses = lease.addresses.map(({ iaid, items }) => addressAssociation(iaid, items));
    const options = [...this.common(), this.serverOption(), ...addresses];
    return (await this.reply('Decline', Retransmission.decline, options)) !== undefined;
  }

  /** Section 18.2.6. */
  async informationRequest(): Promise<Lease | undefined> {
    const parameters = { ...Retransmission.informationRequest(DEFAULT_MAX_RT), mrc: solicitsPerServer };
    const answer = await this.reply('InformationRequest', parameters, this.common());
    return answer === undefined ? undefined : { ...this.readLease(answer), addresses: [], prefixes: [] };
  }

  private async reply(
    name: Exchange,
    parameters: RetransmissionParameters,
    options: readonly DhcpOption[],
  ): Promise<Message | undefined> {
    const question = { msgType: MessageType[name], options };
    const read: AnswerReader<Message> = (message) =>
      message.msgType === MessageType.Reply ? this.mine(message) : undefined;
    return this.server.exchange(parameters, this.build(question), read);
  }

  private build({ msgType, options }: Question): MessageBuilder {
    return (transactionId, elapsed) => ({
      msgType,
      transactionId,
      options: [
        ...options,
        makeOption(ElapsedTimeOption, Math.min(Math.floor(elapsed / 10), longestElapsed)),
      ],
    });
  }

  private common(): DhcpOption[] {
    const { clientIdentifier, fqdn } = this.wishes;
    return [
      { code: OptionCode.ClientIdentifier, data: clientIdentifier },
      makeOption(OptionRequestOption, requestedOptions),
      ...(fqdn === undefined
        ? []
        : [makeOption(ClientFqdnOption, { s: true, o: false, n: false, name: fqdn })]),
    ];
  }

  private serverOption(): DhcpOption {
    return { code: OptionCode.ServerIdentifier, data: this.server.identity.serverIdentifier };
  }

  private associations(lease?: Lease): DhcpOption[] {
    const { iaid, address, prefix } = this.wishes;
    if (lease === undefined) {
      return [...(address ? [addressAssociation(iaid)] : []), ...(prefix ? [prefixAssociation(iaid)] : [])];
    }
    return [
      ...lease.addresses.map((association) => addressAssociation(association.iaid, association.items)),
      ...lease.prefixes.map((association) => prefixAssociation(association.iaid, association.items)),
    ];
  }

  /** Section 16.3 and 16.10: an answer that names another client, or no server or another one, is none. */
  private mine(message: Message): Message | undefined {
    const client = findOption(message.options, OptionCode.ClientIdentifier)?.data;
    const server = findOption(message.options, OptionCode.ServerIdentifier)?.data;
    const isMine =
      client?.equals(this.wishes.clientIdentifier) === true &&
      server?.equals(this.server.identity.serverIdentifier) === true;
    return isMine ? message : undefined;
  }

  private isRapidReply(message: Message): boolean {
    return (
      this.wishes.rapidCommit &&
      message.msgType === MessageType.Reply &&
      findOption(message.options, OptionCode.RapidCommit) !== undefined
    );
  }

  private extend(lease: Lease, answer: Message | undefined): Lease | undefined {
    if (answer === undefined) {
      return undefined;
    }
    this.requireSuccess(answer);
    const extended = this.readLease(answer, lease);
    if (!isUsable(extended)) {
      throw new ClientError('refused', 'the server has no binding for the lease any more');
    }
    return { ...extended, configuration: { ...lease.configuration, ...extended.configuration } };
  }

  /** @param asked the lease that the question was about; where there is none, it was about the wishes */
  private readLease(message: Message, asked?: Lease): Lease {
    const { clientIdentifier, iaid } = this.wishes;
    const iaids = asked === undefined ? [iaid] : [...asked.addresses, ...asked.prefixes].map((ia) => ia.iaid);
    const { serverIdentifier, name, key } = this.server.identity;
    return {
      clientIdentifier: clientIdentifier.toString('hex'),
      serverIdentifier: serverIdentifier.toString('hex'),
      serverName: name,
      serverKey: key.spki.toString('hex'),
      obtained: this.now(),
      addresses: readLeasedAddresses(message, iaids),
      prefixes: readLeasedPrefixes(message, iaids),
      configuration: readConfiguration(message),
    };
  }

  private requireSuccess(message: Message): void {
    const { code, message: text } = statusOf(message);
    if (code !== StatusCode.Success) {
      const name = this.server.identity.name;
      throw new ClientError(
        'refused',
        `the server ${name} answered with status ${code}${text && `: ${text}`}`,
      );
    }
  }

  private requireUsable(lease: Lease): void {
    if (!isUsable(lease)) {
      const { name } = this.server.identity;
      throw new ClientError('no-usable-configuration', `the server ${name} has no address or prefix to give`);
    }
  }
}

function statusOf(message: Message): { readonly code: number; readonly message: string } {
  return readOption(message.options, StatusCodeOption) ?? { code: StatusCode.Success, message: '' };
}
