// SPDX-License-Identifier: MPL-2.0

/** What a server has given. Times are seconds, as on the wire (RFC 8415); addresses are text. */
export interface LeasedAddress {
  readonly address: string;
  readonly preferredLifetime: number;
  readonly validLifetime: number;
}

export interface LeasedPrefix {
  /** Text with its length, such as 2001:db8:1::/56. */
  readonly prefix: string;
  readonly preferredLifetime: number;
  readonly validLifetime: number;
}

export interface LeasedAssociation<Item> {
  readonly iaid: number;
  readonly t1: number;
  readonly t2: number;
  readonly items: readonly Item[];
}

/** RFC 5908: each by its address, by a group's address, or by its name, in the order of the message. */
export interface TimeServers {
  readonly addresses: readonly string[];
  readonly multicastAddresses: readonly string[];
  readonly names: readonly string[];
}

export interface Configuration {
  readonly dnsServers: readonly string[];
  readonly domainSearch: readonly string[];
  /** Seconds; of an Information-request's answer. */
  readonly informationRefreshTime: number | undefined;
  readonly fqdn: string | undefined;
  /** Absent if the lease file has none. */
  readonly timeServers?: TimeServers;
  /** The data of every option that configures a host, in hexadecimal, by option code; absent if the lease file has none. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface Lease {
  /** Whether it came from a server that authenticated itself; else everything about it passed in clear. */
  readonly encrypted: boolean;
  /** Hexadecimal DUIDs. */
  readonly clientIdentifier: string;
  readonly serverIdentifier: string;
  /** The subject of the server's certificate; of a lease in clear, that there is none. */
  readonly serverName: string;
  /** The server's SubjectPublicKeyInfo in hexadecimal; empty for a lease in clear. */
  readonly serverKey: string;
  /** Milliseconds since 1970. */
  readonly obtained: number;
  /** How messages and answers went (docs/protocol.md 5.3); absent of a lease in clear. */
  readonly way?: 'plain' | 'wrapped';
  /** Likewise by the servers' time, where this machine has no clock of its own. */
  readonly serverTime?: number;
  readonly addresses: readonly LeasedAssociation<LeasedAddress>[];
  readonly prefixes: readonly LeasedAssociation<LeasedPrefix>[];
  readonly configuration: Configuration;
}

/** Whether a lease has an address or a prefix to use. */
export function isUsable(lease: Lease): boolean {
  return [...lease.addresses, ...lease.prefixes].some(({ items }) => items.length > 0);
}

/** Whether a lease has an address or a prefix that another one has. */
export function extendsSome(lease: Lease, held: Lease): boolean {
  const [given, known] = [lease, held].map(({ addresses, prefixes }) => [
    ...addresses.flatMap(({ items }) => items.map(({ address }) => address)),
    ...prefixes.flatMap(({ items }) => items.map(({ prefix }) => prefix)),
  ]);
  return given?.some((item) => known?.includes(item)) === true;
}
