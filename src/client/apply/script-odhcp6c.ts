// SPDX-License-Identifier: MPL-2.0

import { OptionCode } from '../../dhcpv6';
import type { ClientEvent } from '../lease/events';
import type { Lease } from '../lease/lease';
import { addressesOf, safeNames, type Variables } from './script-values';

/** What odhcp6c calls an event; undefined if it has no word for it. */
export function actionOf(event: ClientEvent): string | undefined {
  switch (event.type) {
    case 'bound':
      return event.previous === undefined ? 'bound' : 'updated';
    case 'confirmed':
      return 'bound';
    case 'renewed':
      return 'updated';
    case 'lost':
      return event.lease === undefined ? 'unbound' : 'updated';
    case 'rebound':
    case 'informed':
    case 'started':
    case 'stopped':
      return event.type;
    case 'link':
    case 'problem':
      return undefined;
  }
}

/** odhcp6c's variables, and two of this project: SERVER and ENCRYPTED. */
export function odhcp6cVariables(event: ClientEvent): Variables {
  const lease = 'lease' in event ? event.lease : undefined;
  return lease === undefined ? {} : leaseVariables(lease);
}

function leaseVariables({
  addresses,
  prefixes,
  configuration,
  serverIdentifier,
  encrypted,
}: Lease): Variables {
  const { dnsServers, domainSearch, fqdn, timeServers, options = {} } = configuration;
  return {
    ADDRESSES: addresses
      .flatMap(({ items }) => items)
      .map((item) => `${item.address}/128,${item.preferredLifetime},${item.validLifetime}`)
      .join(' '),
    PREFIXES: prefixes
      .flatMap(({ items }) => items)
      .map((item) => `${item.prefix},${item.preferredLifetime},${item.validLifetime}`)
      .join(' '),
    RDNSS: dnsServers.join(' '),
    DOMAINS: safeNames(domainSearch).join(' '),
    SNTP_IP: addressesOf(configuration, OptionCode.SntpServers).join(' '),
    NTP_IP: [...(timeServers?.addresses ?? []), ...(timeServers?.multicastAddresses ?? [])].join(' '),
    NTP_FQDN: safeNames(timeServers?.names ?? []).join(' '),
    FQDN: safeNames(fqdn === undefined ? [] : [fqdn]).join(' '),
    SERVER: serverIdentifier,
    ENCRYPTED: encrypted ? '1' : '0',
    ...Object.fromEntries(Object.entries(options).map(([code, data]) => [`OPTION_${code}`, data])),
  };
}
