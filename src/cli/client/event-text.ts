// SPDX-License-Identifier: MPL-2.0

import type { ClientEvent, Lease } from '../../client';

/** An event as a line for people. */
export function eventText(event: ClientEvent): string {
  switch (event.type) {
    case 'link':
      return `${event.interface}: link ${event.up ? 'up' : 'down'}`;
    case 'problem':
      return `${event.interface}: ${event.message}`;
    case 'lost':
      return `${event.interface}: lost (${event.reason}) ${itemsOf(event.previous)}`;
    case 'started':
      return `${event.interface}: started`;
    case 'stopped':
      return `${event.interface}: stopped`;
    default:
      return `${event.interface}: ${event.type} ${itemsOf(event.lease)} from ${event.lease.serverName}${wayOf(event.lease)}`;
  }
}

function wayOf({ way }: Lease): string {
  return way === 'wrapped' ? ', wrapped in Relay-forwards' : '';
}

function itemsOf({ addresses, prefixes }: Lease): string {
  return [
    ...addresses.flatMap(({ items }) => items.map(({ address }) => address)),
    ...prefixes.flatMap(({ items }) => items.map(({ prefix }) => prefix)),
  ].join(' ');
}
