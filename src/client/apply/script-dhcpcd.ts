// SPDX-License-Identifier: MPL-2.0

import { OptionCode } from '../../dhcpv6';
import type { ClientEvent } from '../lease/events';
import type { Lease, LeasedAddress, LeasedAssociation, LeasedPrefix } from '../lease/lease';
import { changeOf } from './applier';
import { addressesOf, safeNames, type Variables } from './script-values';

type Configured = 'up' | 'down' | 'unchanged';

/** What dhcpcd calls an event, and what it makes of the interface; undefined if it has no word for it. */
function reasonOf(event: ClientEvent): readonly [string, Configured] | undefined {
  switch (event.type) {
    case 'started':
      return ['PREINIT', 'unchanged'];
    case 'bound':
      return ['BOUND6', 'up'];
    case 'renewed':
      return ['RENEW6', 'up'];
    case 'rebound':
      return ['REBIND6', 'up'];
    case 'confirmed':
      return ['REBOOT6', 'up'];
    case 'informed':
      return ['INFORM6', 'up'];
    case 'lost':
      return event.lease === undefined
        ? [event.reason === 'released' ? 'RELEASE6' : 'EXPIRE6', 'down']
        : ['RENEW6', 'up'];
    case 'stopped':
      return event.lease === undefined ? ['STOP6', 'down'] : ['STOPPED', 'unchanged'];
    case 'link':
    case 'problem':
      return undefined;
  }
}

/** The variables of dhcpcd-run-hooks(8), as far as they are DHCPv6's: the lease that was before, and the one now. */
export function dhcpcdVariables(event: ClientEvent): Variables {
  const [reason, configured] = reasonOf(event) ?? [];
  if (reason === undefined) {
    return {};
  }
  const change = changeOf(event);
  return {
    reason,
    interface: event.interface,
    protocol: reason.endsWith('6') ? 'dhcp6' : 'link',
    if_up: String(configured === 'up'),
    if_down: String(configured === 'down'),
    ...(change?.before && leaseVariables('old_dhcp6', change.before)),
    ...(change?.after && leaseVariables('new_dhcp6', change.after)),
  };
}

function leaseVariables(prefix: string, lease: Lease): Variables {
  const { dnsServers, domainSearch, fqdn, timeServers, informationRefreshTime } = lease.configuration;
  return {
    [`${prefix}_server_id`]: lease.serverIdentifier,
    [`${prefix}_client_id`]: lease.clientIdentifier,
    ...associationVariables(`${prefix}_ia_na`, lease.addresses, 'ia_addr', ({ address }) => ({
      '': address,
    })),
    ...associationVariables(`${prefix}_ia_pd`, lease.prefixes, 'prefix', (item) => {
      const [address = '', length = ''] = item.prefix.split('/');
      return { '': address, _length: length };
    }),
    [`${prefix}_name_servers`]: dnsServers.join(' '),
    [`${prefix}_domain_search`]: safeNames(domainSearch).join(' '),
    [`${prefix}_sntp_servers`]: addressesOf(lease.configuration, OptionCode.SntpServers).join(' '),
    [`${prefix}_ntp_server_addr`]: (timeServers?.addresses ?? []).join(' '),
    [`${prefix}_ntp_server_mcast_addr`]: (timeServers?.multicastAddresses ?? []).join(' '),
    [`${prefix}_ntp_server_fqdn`]: safeNames(timeServers?.names ?? []).join(' '),
    [`${prefix}_fqdn`]: safeNames(fqdn === undefined ? [] : [fqdn]).join(' '),
    [`${prefix}_info_refresh_time`]: String(informationRefreshTime ?? ''),
  };
}

/** Associations, and what is in each, are counted from 1. */
function associationVariables<Item extends LeasedAddress | LeasedPrefix>(
  prefix: string,
  associations: readonly LeasedAssociation<Item>[],
  itemName: string,
  own: (item: Item) => Variables,
): Variables {
  const entries = associations.flatMap(({ iaid, t1, t2, items }, index): [string, string][] => {
    const name = `${prefix}${index + 1}`;
    return [
      [`${name}_iaid`, iaid.toString(16).padStart(8, '0')],
      [`${name}_t1`, String(t1)],
      [`${name}_t2`, String(t2)],
      ...items.flatMap((item, itemIndex): [string, string][] => {
        const { preferredLifetime, validLifetime } = item;
        const all = { ...own(item), _pltime: String(preferredLifetime), _vltime: String(validLifetime) };
        return Object.entries(all).map(([key, value]) => [
          `${name}_${itemName}${itemIndex + 1}${key}`,
          value,
        ]);
      }),
    ];
  });
  return Object.fromEntries(entries);
}
