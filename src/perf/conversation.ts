// SPDX-License-Identifier: MPL-2.0

import type { Message } from '../dhcpv6';

/** How one simulated client's messages become datagrams and back: in clear, or encrypted. */
export interface Conversation {
  /** Authenticates to the server; nothing to do in clear. @returns whether the server has accepted it */
  authenticate(): Promise<boolean>;
  /** Forgets the context, so that the next message opens a new one. */
  reopen(): void;
  /**
   * Sends `message` and returns the answer.
   * @param message makes the message for a transaction-id
   * @returns undefined if the server did not answer
   */
  exchange(message: (transactionId: number) => Message): Promise<Message | undefined>;
}
