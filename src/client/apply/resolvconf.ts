// SPDX-License-Identifier: MPL-2.0

import type { ClientEvent } from '../lease/events';
import { type Applier, changeOf } from './applier';
import type { RunCommand } from './command';

/** Tells resolvconf(8) the DNS servers of the lease, under the name INTERFACE.dhcpv6. */
export class ResolvconfApplier implements Applier {
  constructor(private readonly run: RunCommand) {}

  async apply(event: ClientEvent): Promise<void> {
    const change = changeOf(event);
    if (change === undefined) {
      return;
    }
    const name = `${event.interface}.dhcpv6`;
    const { dnsServers = [], domainSearch = [] } = change.after?.configuration ?? {};
    if (dnsServers.length === 0) {
      await this.run('resolvconf', ['-d', name]);
      return;
    }
    const domains = domainSearch.filter((domain) => /^[\w.-]+$/.test(domain));
    const lines = [
      ...dnsServers.map((server) => `nameserver ${server}`),
      ...(domains.length > 0 ? [`search ${domains.join(' ')}`] : []),
    ];
    await this.run('resolvconf', ['-a', name], `${lines.join('\n')}\n`);
  }
}
