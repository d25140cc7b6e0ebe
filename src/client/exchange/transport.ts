// SPDX-License-Identifier: MPL-2.0

/** One link: sends datagrams to All_DHCP_Relay_Agents_and_Servers, and receives on the client port. */
export interface Transport {
  /** A datagram that cannot be sent counts as lost; `onProblem` is called. */
  send(octets: Buffer): void;
  /** `octets` belong to the handler. There is one handler; a later one takes the place of an earlier one. */
  onMessage(handler: (octets: Buffer) => void): void;
  onProblem(handler: (error: Error) => void): void;
  close(): Promise<void>;
}
