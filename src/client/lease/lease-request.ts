// SPDX-License-Identifier: MPL-2.0

import {
  type DhcpOption,
  makeOption,
  OptionCode,
  OptionRequestOption,
  RapidCommitOption,
} from '../../dhcpv6';
import { addressAssociation, prefixAssociation } from './lease-options';

/** What the client requests. */
export interface LeaseRequest {
  /** The client's DUID. */
  readonly clientIdentifier: Buffer;
  readonly iaid: number;
  readonly address: boolean;
  readonly prefix: boolean;
  readonly rapidCommit: boolean;
  readonly fqdn: string | undefined;
  /** Codes of further options to request. */
  readonly moreOptions?: readonly number[];
}

const requestedOptions = [
  OptionCode.DnsServers,
  OptionCode.DomainList,
  OptionCode.SolMaxRt,
  OptionCode.InfMaxRt,
];

/** The Option Request option (RFC 8415 section 21.7), in the order of the codes, which says nothing (RFC 7844). */
export function optionRequest(
  leaseRequest: Pick<LeaseRequest, 'moreOptions'>,
  further: readonly number[] = [],
): DhcpOption {
  const codes = new Set([...requestedOptions, ...(leaseRequest.moreOptions ?? []), ...further]);
  return makeOption(
    OptionRequestOption,
    [...codes].sort((a, b) => a - b),
  );
}

/** The options of a Solicit of solution B: none identifies the client, whose IAID is random (docs/protocol.md 3). */
export function anonymousOptions(leaseRequest: LeaseRequest): DhcpOption[] {
  return [optionRequest(leaseRequest), ...solicitOptions(leaseRequest)];
}

/** Likewise where the offer is not taken: what every client requests, without Rapid Commit (docs/protocol.md 5.2). */
export function inquiringOptions({ address, prefix }: LeaseRequest, iaid: number): DhcpOption[] {
  return [optionRequest({}), ...solicitOptions({ iaid, address, prefix, rapidCommit: false })];
}

/** The Rapid Commit option and the empty associations of a Solicit. */
export function solicitOptions({
  iaid,
  address,
  prefix,
  rapidCommit,
}: Pick<LeaseRequest, 'iaid' | 'address' | 'prefix' | 'rapidCommit'>): DhcpOption[] {
  return [
    ...(rapidCommit ? [makeOption(RapidCommitOption, true)] : []),
    ...(address ? [addressAssociation(iaid)] : []),
    ...(prefix ? [prefixAssociation(iaid)] : []),
  ];
}
