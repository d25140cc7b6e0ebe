// SPDX-License-Identifier: MPL-2.0

/** One link: datagrams to All_DHCP_Relay_Agents_and_Servers, and what arrives on the client port. */
export interface Transport {
  /** A datagram that cannot be sent is lost like one that the link loses; `onProblem` hears of it. */
  send(octets: Buffer): void;
  /** `octets` belong to the handler. There is one handler; a later one takes the place of an earlier one. */
  onMessage(handler: (octets: Buffer) => void): void;
  onProblem(handler: (error: Error) => void): void;
  close(): Promise<void>;
}
