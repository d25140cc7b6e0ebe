// SPDX-License-Identifier: MPL-2.0

import { formatIpv6, parseIpv6 } from '../../dhcpv6';
import type { ClientEvent } from '../lease/events';
import type { Lease, LeasedPrefix } from '../lease/lease';
import { type Applier, changeOf, withEach } from './applier';
import type { RunCommand } from './command';
import { replaceAddress, replaceLinkRoute, routeProtocol } from './replace-address';

/** An interface that gets a /64 out of each delegated prefix. */
export interface Downstream {
  readonly interfaceName: string;
  /** Which of the prefix's /64s, counted from 0. */
  readonly slaId: number;
}

const subnetLength = 64;

/** Of the route that the rest of the prefix has: any other route to a part of it is better. */
const lastMetric = ['metric', '2147483647'] as const;

/** `IF` or `IF/SLA-ID`. @returns undefined if the text is neither */
export function parseDownstream(text: string): Downstream | undefined {
  const [, interfaceName, slaId = '0'] = /^([^/\s]{1,15})(?:\/(\d{1,9}))?$/.exec(text) ?? [];
  return interfaceName === undefined ? undefined : { interfaceName, slaId: Number(slaId) };
}

/** A /64 of a prefix; undefined if the prefix is too short of room. */
export function subnetOf(prefix: string, slaId: number): string | undefined {
  const [address = '', length = ''] = prefix.split('/');
  const bits = subnetLength - Number(length);
  if (bits < 0 || slaId >= 2 ** bits) {
    return undefined;
  }
  const octets = Buffer.from(parseIpv6(address));
  octets.writeBigUInt64BE(octets.readBigUInt64BE(0) | BigInt(slaId), 0);
  return formatIpv6(octets);
}

/** The first address in a /64. */
function firstHost(subnet: string): string {
  const octets = Buffer.from(parseIpv6(subnet));
  octets.writeUInt8(1, octets.length - 1);
  return formatIpv6(octets);
}

/** Puts a /64 on each downstream interface, and what is left of the prefix out of reach (RFC 7084 WPD-5, L-3). */
export class DownstreamApplier implements Applier {
  constructor(
    private readonly downstreams: readonly Downstream[],
    private readonly run: RunCommand,
    private readonly notice: (text: string) => void,
  ) {}

  async apply(event: ClientEvent): Promise<void> {
    const change = changeOf(event);
    if (change === undefined) {
      return;
    }
    const after = prefixesOf(change.after);
    const kept = after.map(({ prefix }) => prefix);
    for (const { prefix } of prefixesOf(change.before)) {
      if (!kept.includes(prefix)) {
        await this.remove(prefix);
      }
    }
    if (event.type !== 'lost') {
      await withEach(after, (prefix) => this.add(prefix));
    }
  }

  private async add(leased: LeasedPrefix): Promise<void> {
    const { prefix } = leased;
    await this.run('ip', [
      ...['-6', 'route', 'replace', 'unreachable', prefix],
      ...[...lastMetric, ...routeProtocol],
    ]);
    await withEach(this.downstreams, async ({ interfaceName, slaId }) => {
      const subnet = subnetOf(prefix, slaId);
      if (subnet === undefined) {
        this.notice(`${prefix} has no /64 of number ${slaId} for ${interfaceName}`);
        return;
      }
      await replaceAddress(this.run, interfaceName, `${firstHost(subnet)}/64`, leased);
      await replaceLinkRoute(this.run, interfaceName, `${subnet}/64`, leased);
    });
  }

  private async remove(prefix: string): Promise<void> {
    for (const { interfaceName, slaId } of this.downstreams) {
      const subnet = subnetOf(prefix, slaId);
      if (subnet !== undefined) {
        const dev = ['dev', interfaceName];
        await this.tryTo(['-6', 'address', 'del', `${firstHost(subnet)}/64`, ...dev]);
        await this.tryTo(['-6', 'route', 'del', `${subnet}/64`, ...dev, ...routeProtocol]);
      }
    }
    await this.tryTo(['-6', 'route', 'del', 'unreachable', prefix, ...lastMetric, ...routeProtocol]);
  }

  /** Takes away what may have run out in the kernel already. */
  private async tryTo(args: readonly string[]): Promise<void> {
    await this.run('ip', args).catch(() => undefined);
  }
}

function prefixesOf(lease: Lease | undefined): readonly LeasedPrefix[] {
  return lease?.prefixes.flatMap(({ items }) => items) ?? [];
}
