// SPDX-License-Identifier: MPL-2.0

/** How simulated clients reach the server: many of them over a few sockets. */
export interface Link {
  /**
   * Sends a client's message.
   * @param client number of the client, from 0
   * @param octets the client/server message; it belongs to the link
   */
  send(client: number, octets: Buffer): void;
  /** Hears every answer, without the relay messages around it. */
  onAnswer(handler: (octets: Buffer) => void): void;
  close(): Promise<void>;
}
