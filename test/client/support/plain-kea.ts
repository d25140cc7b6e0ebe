// SPDX-License-Identifier: MPL-2.0

import {
  decodeMessage,
  type DhcpOption,
  encodeMessage,
  findOption,
  formatIpv6,
  IaAddressOption,
  IaNaOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
  parseIpv6,
  PreferenceOption,
  RapidCommitOption,
  readOption,
  readOptions,
  StatusCode,
  StatusCodeOption,
  unwrapRelay,
  wrapRelayReply,
} from '../../../src/dhcpv6';

export interface Gives {
  /** Undefined where there is none to give. */
  readonly address: string | undefined;
  readonly preference?: number;
  readonly rapidCommit?: boolean;
  /** Seconds, whatever range they are in. */
  readonly solMaxRt?: number;
  readonly infMaxRt?: number;
  /** The status of the answer as a whole; asked once for each message. */
  readonly status?: (msgType: number) => number | undefined;
  /** The status of its association, which has nothing else then; likewise. */
  readonly associationStatus?: (msgType: number) => number | undefined;
}

/** What a Kea answers that always gives the same address, message by message. */
export class PlainKea {
  constructor(
    readonly identifier: Buffer,
    private readonly gives: Gives,
  ) {}

  /** In the Relay-replies that match the Relay-forwards it came in. */
  answerNested(octets: Buffer): Buffer {
    const nest = unwrapRelay(octets);
    return wrapRelayReply(nest.levels, this.answer(nest.message));
  }

  answer(octets: Buffer): Buffer {
    const query = decodeMessage(octets);
    const client = findOption(query.options, OptionCode.ClientIdentifier);
    const isSolicit = query.msgType === MessageType.Solicit;
    const isRapid =
      isSolicit &&
      this.gives.rapidCommit === true &&
      findOption(query.options, OptionCode.RapidCommit) !== undefined;
    return encodeMessage({
      msgType: isSolicit && !isRapid ? MessageType.Advertise : MessageType.Reply,
      transactionId: query.transactionId,
      options: [
        ...(client === undefined ? [] : [client]),
        { code: OptionCode.ServerIdentifier, data: this.identifier },
        ...(isRapid ? [makeOption(RapidCommitOption, true)] : []),
        ...(this.gives.preference === undefined ? [] : [makeOption(PreferenceOption, this.gives.preference)]),
        ...maximum(OptionCode.SolMaxRt, this.gives.solMaxRt),
        ...maximum(OptionCode.InfMaxRt, this.gives.infMaxRt),
        ...this.status(query),
        ...this.association(query),
      ],
    });
  }

  private status({ msgType }: Message): DhcpOption[] {
    const code = this.gives.status?.(msgType);
    return code === undefined ? [] : [makeOption(StatusCodeOption, { code, message: 'as scripted' })];
  }

  private association({ msgType, options }: Message): DhcpOption[] {
    const asked = readOption(options, IaNaOption);
    if (asked === undefined) {
      return [];
    }
    const code = this.gives.associationStatus?.(msgType);
    if (code !== undefined) {
      const status = makeOption(StatusCodeOption, { code, message: 'as scripted' });
      return [makeOption(IaNaOption, { iaid: asked.iaid, t1: 0, t2: 0, options: [status] })];
    }
    const { address } = this.gives;
    const given =
      address === undefined
        ? makeOption(StatusCodeOption, { code: StatusCode.NoAddrsAvail, message: '' })
        : iaAddress(parseIpv6(address), 100, 200);
    const ended = readOptions(asked.options, IaAddressOption)
      .filter((one) => formatIpv6(one.address) !== address)
      .map((one) => iaAddress(one.address, 0, 0));
    return [makeOption(IaNaOption, { iaid: asked.iaid, t1: 50, t2: 80, options: [given, ...ended] })];
  }
}

function iaAddress(address: Buffer, preferredLifetime: number, validLifetime: number): DhcpOption {
  return makeOption(IaAddressOption, { address, preferredLifetime, validLifetime, options: [] });
}

function maximum(code: number, seconds: number | undefined): DhcpOption[] {
  if (seconds === undefined) {
    return [];
  }
  const data = Buffer.alloc(4);
  data.writeUInt32BE(seconds);
  return [{ code, data }];
}
