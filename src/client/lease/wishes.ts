// SPDX-License-Identifier: MPL-2.0

import {
  type DhcpOption,
  makeOption,
  OptionCode,
  OptionRequestOption,
  RapidCommitOption,
} from '../../dhcpv6';
import { addressAssociation, prefixAssociation } from './lease-options';

/** What the client asks for. */
export interface Wishes {
  /** The client's DUID. */
  readonly clientIdentifier: Buffer;
  readonly iaid: number;
  readonly address: boolean;
  readonly prefix: boolean;
  readonly rapidCommit: boolean;
  readonly fqdn: string | undefined;
  /** Codes of further options to ask for. */
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
  wishes: Pick<Wishes, 'moreOptions'>,
  further: readonly number[] = [],
): DhcpOption {
  const codes = new Set([...requestedOptions, ...(wishes.moreOptions ?? []), ...further]);
  return makeOption(
    OptionRequestOption,
    [...codes].sort((a, b) => a - b),
  );
}

/** What a Solicit of solution B asks for: nothing that identifies the client (docs/protocol.md 3). */
export function anonymousOptions(wishes: Wishes): DhcpOption[] {
  return [optionRequest(wishes), ...wishedOptions(wishes)];
}

/** The Rapid Commit option and the empty associations of a Solicit. */
export function wishedOptions({ iaid, address, prefix, rapidCommit }: Wishes): DhcpOption[] {
  return [
    ...(rapidCommit ? [makeOption(RapidCommitOption, true)] : []),
    ...(address ? [addressAssociation(iaid)] : []),
    ...(prefix ? [prefixAssociation(iaid)] : []),
  ];
}
