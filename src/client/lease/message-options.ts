// SPDX-License-Identifier: MPL-2.0

import { ClientFqdnOption, type DhcpOption, makeOption, OptionCode } from '../../dhcpv6';
import type { PeerIdentity } from '../exchange/exchange-peer';
import type { Lease } from './lease';
import { addressAssociation, prefixAssociation } from './lease-options';
import type { LeaseRequest } from './lease-request';

/** The Client Identifier, and the Client FQDN option if there is a name to register. */
export function identityOptions({
  clientIdentifier,
  fqdn,
}: Pick<LeaseRequest, 'clientIdentifier' | 'fqdn'>): DhcpOption[] {
  return [
    { code: OptionCode.ClientIdentifier, data: clientIdentifier },
    ...(fqdn === undefined
      ? []
      : [makeOption(ClientFqdnOption, { s: true, o: false, n: false, name: fqdn })]),
  ];
}

/** The Server Identifier of the server that the message is for. */
export function serverOption(identity: PeerIdentity | undefined): DhcpOption {
  if (identity === undefined) {
    throw new Error('this exchange is with one server, and none is named');
  }
  return { code: OptionCode.ServerIdentifier, data: identity.serverIdentifier };
}

/** What the client has, and what it lacks and still wants (RFC 8415 section 18.2.4). */
export function wantedAssociations(lease: Lease, { address, prefix, iaid }: LeaseRequest): DhcpOption[] {
  return [
    ...associationsOf(lease),
    ...(address && lease.addresses.length === 0 ? [addressAssociation(iaid)] : []),
    ...(prefix && lease.prefixes.length === 0 ? [prefixAssociation(iaid)] : []),
  ];
}

export function addressAssociationsOf({ addresses }: Lease): DhcpOption[] {
  return addresses.map(({ iaid, items }) => addressAssociation(iaid, items));
}

export function associationsOf(lease: Lease): DhcpOption[] {
  const prefixes = lease.prefixes.map(({ iaid, items }) => prefixAssociation(iaid, items));
  return [...addressAssociationsOf(lease), ...prefixes];
}
