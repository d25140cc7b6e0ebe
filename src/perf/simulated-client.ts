// SPDX-License-Identifier: MPL-2.0

import {
  type DhcpOption,
  ElapsedTimeOption,
  findOption,
  IaNaOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
} from '../dhcpv6';
import type { Conversation } from './conversation';

const elapsed = makeOption(ElapsedTimeOption, 0);

/** The identity association with which a client requests an address. */
export function emptyAssociation(client: number): DhcpOption {
  return makeOption(IaNaOption, { iaid: client + 1, t1: 0, t2: 0, options: [] });
}

/** One simulated client: the exchanges of RFC 8415 for one address. */
export class SimulatedClient {
  private readonly own: DhcpOption;
  /** Server Identifier and IA_NA of the lease. */
  private lease: readonly DhcpOption[] | undefined;

  /**
   * @param number from 0
   * @param clientIdentifier its DUID
   */
  constructor(
    private readonly number: number,
    clientIdentifier: Buffer,
    readonly conversation: Conversation,
  ) {
    this.own = { code: OptionCode.ClientIdentifier, data: clientIdentifier };
  }

  /** Solicit, Advertise, Request, Reply. @returns whether it got an address */
  async fourWay(): Promise<boolean> {
    const solicit = [this.own, emptyAssociation(this.number)];
    const offer = await this.exchange(MessageType.Solicit, solicit, MessageType.Advertise);
    return (
      offer !== undefined && this.keep(await this.exchange(MessageType.Request, offer, MessageType.Reply))
    );
  }

  /** Renew, Reply. @returns whether it still has its address */
  async renew(): Promise<boolean> {
    const { lease } = this;
    return lease !== undefined && this.keep(await this.exchange(MessageType.Renew, lease, MessageType.Reply));
  }

  private keep(lease: readonly DhcpOption[] | undefined): boolean {
    this.lease = lease ?? this.lease;
    return lease !== undefined;
  }

  /** @returns what the next message of the exchange has to carry of the answer */
  private async exchange(
    msgType: number,
    options: readonly DhcpOption[],
    expected: number,
  ): Promise<readonly DhcpOption[] | undefined> {
    const answer = await this.conversation.exchange((transactionId) => ({
      msgType,
      transactionId,
      options: [...options, elapsed],
    }));
    return answer?.msgType === expected ? this.carriedOn(answer) : undefined;
  }

  private carriedOn({ options }: Message): readonly DhcpOption[] | undefined {
    const server = findOption(options, OptionCode.ServerIdentifier);
    const association = findOption(options, OptionCode.IaNa);
    if (server === undefined || association === undefined) {
      return undefined;
    }
    const copied = [server, association].map(({ code, data }) => ({ code, data: Buffer.from(data) }));
    return [this.own, ...copied];
  }
}
