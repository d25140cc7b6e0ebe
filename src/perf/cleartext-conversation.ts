// SPDX-License-Identifier: MPL-2.0

import { decodeMessage, encodeMessage, type Message } from '../dhcpv6';
import type { Conversation } from './conversation';
import type { Transactions } from './transactions';

/** Plain DHCPv6, to measure encryption against. */
export class CleartextConversation implements Conversation {
  constructor(
    private readonly client: number,
    private readonly transactions: Transactions,
  ) {}

  authenticate(): Promise<boolean> {
    return Promise.resolve(true);
  }

  reopen(): void {
    // There is no context.
  }

  exchange(message: (transactionId: number) => Message): Promise<Message | undefined> {
    return this.transactions.exchange(
      this.client,
      (transactionId) => encodeMessage(message(transactionId)),
      (octets) => decodeMessage(octets),
    );
  }
}
