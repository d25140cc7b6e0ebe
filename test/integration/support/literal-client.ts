// SPDX-License-Identifier: MPL-2.0
import { MessageType, type Message } from '../../../src/dhcpv6';
import type { QuerySender } from '../../../src/protocol';
import { addressIn, type Party } from '../attacks/support/party';

/** A query, and the context that it opens. */
export interface LiteralQuery {
  readonly octets: Buffer;
  readonly context: QuerySender;
}

/**
 * A client that knows the draft alone: its queries hold the DHCPv6 message and nothing that proves who sends it
 * (docs/protocol.md 4.5).
 */
export class LiteralClient {
  constructor(readonly party: Party) {}

  /** A query in a context of its own. */
  query(msgType: number, context = this.party.openContext()): LiteralQuery {
    return { octets: this.party.later(context, this.party.question(msgType)), context };
  }

  /** The answer inside the answer. */
  ask(query: LiteralQuery, from = this.party.sender): Promise<Message> {
    return this.party.ask(query.context, query.octets, from);
  }

  /** Solicit and Request, each in a context of its own, or both in one. Gives the address. */
  async lease(context?: QuerySender): Promise<string> {
    const advertise = await this.ask(this.query(MessageType.Solicit, context));
    expect(advertise.msgType).toBe(MessageType.Advertise);
    this.party.address = addressIn(advertise);
    const reply = await this.ask(this.query(MessageType.Request, context));
    expect(reply.msgType).toBe(MessageType.Reply);
    expect(addressIn(reply)).toBe(this.party.address);
    return this.party.address ?? '';
  }
}
