// SPDX-License-Identifier: MPL-2.0

import { openUdpTransport } from '../client';
import type { Link } from './link';

/** Milliseconds for the interface's link-local address to become usable. */
const addressTimeout = 10_000;

/**
 * All clients on one link-local address of the link, as perfdhcp does it: transaction-ids tell them apart.
 * @throws ClientError `interface-unusable`, `port-unavailable`
 */
export async function openDirectLink(interfaceName: string): Promise<Link> {
  const transport = await openUdpTransport({ interfaceName, addressTimeout });
  return {
    send: (_client, octets) => {
      transport.send(octets);
    },
    onAnswer: (handler) => {
      transport.onMessage(handler);
    },
    close: () => transport.close(),
  };
}
