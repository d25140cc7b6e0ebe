// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../../client';

/** A lease for people: one line for each thing that was given. */
export function leaseLines(lease: Lease): string[] {
  const lines = [
    ...(lease.encrypted ? [] : ['NOT ENCRYPTED, server not authenticated']),
    `server ${lease.serverName} (${lease.serverIdentifier})`,
    ...(lease.way === 'wrapped' ? ['messages went wrapped in Relay-forwards'] : []),
  ];
  for (const { iaid, items } of lease.addresses) {
    for (const { address, preferredLifetime, validLifetime } of items) {
      lines.push(`address ${address} preferred ${preferredLifetime} valid ${validLifetime} iaid ${iaid}`);
    }
  }
  for (const { iaid, items } of lease.prefixes) {
    for (const { prefix, preferredLifetime, validLifetime } of items) {
      lines.push(`prefix ${prefix} preferred ${preferredLifetime} valid ${validLifetime} iaid ${iaid}`);
    }
  }
  const { dnsServers, domainSearch, fqdn } = lease.configuration;
  lines.push(...dnsServers.map((server) => `dns-server ${server}`));
  lines.push(...domainSearch.map((domain) => `domain-search ${domain}`));
  lines.push(...(fqdn === undefined ? [] : [`fqdn ${fqdn}`]));
  return lines;
}
