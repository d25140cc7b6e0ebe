// SPDX-License-Identifier: MPL-2.0

import { applicablePart } from '../lease/applicable';
import type { ClientEvent } from '../lease/events';
import type { Lease } from '../lease/lease';

/** Applies events to the host. The failure of one does not keep the others from it. */
export interface Applier {
  /** @throws Error of the first failure */
  apply(event: ClientEvent): Promise<void>;
}

/** An event whose leases have only what may be put on a host. */
export function applicableEvent(event: ClientEvent): ClientEvent {
  const part = (lease: Lease | undefined): Lease | undefined => lease && applicablePart(lease);
  switch (event.type) {
    case 'bound':
    case 'renewed':
    case 'rebound':
    case 'confirmed':
    case 'informed':
      return { ...event, lease: applicablePart(event.lease), previous: part(event.previous) };
    case 'lost':
      return { ...event, lease: part(event.lease), previous: applicablePart(event.previous) };
    case 'stopped':
      return { ...event, lease: part(event.lease) };
    case 'started':
    case 'link':
    case 'problem':
      return event;
  }
}

/** The lease before and after an event; undefined if the event changes nothing on the host. */
export function changeOf(
  event: ClientEvent,
): { readonly before: Lease | undefined; readonly after: Lease | undefined } | undefined {
  switch (event.type) {
    case 'bound':
    case 'renewed':
    case 'rebound':
    case 'confirmed':
    case 'informed':
    case 'lost':
      return { before: event.previous, after: event.lease };
    case 'started':
    case 'link':
    case 'problem':
    case 'stopped':
      return undefined;
  }
}

/** Calls `act` for each item, also after a failure. @throws Error of the first failure */
export async function withEach<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    await act(item).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
