// SPDX-License-Identifier: MPL-2.0

/**
 * How a message goes, and how its answer comes: as it is, or as the Relay Message of a Relay-forward, which relay agents
 * that drop what they do not know forward (docs/protocol.md 5.3).
 */
export type Way = 'plain' | 'wrapped';

/** One link: sends datagrams to All_DHCP_Relay_Agents_and_Servers, and receives on the client port. */
export interface Transport {
  /**
   * A datagram that cannot be sent counts as lost; `onProblem` is called.
   * @param way by default plain
   */
  send(octets: Buffer, way?: Way): void;
  /** `octets` are a message without relay header, and belong to the handler. A later handler takes an earlier one's place. */
  onMessage(handler: (octets: Buffer, way: Way) => void): void;
  onProblem(handler: (error: Error) => void): void;
  close(): Promise<void>;
}
