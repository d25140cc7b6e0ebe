// SPDX-License-Identifier: MPL-2.0
import type { KeaServer } from './kea';
import { until } from '../../support/until';

/** The hook's statistics count drops under this and the reason. */
const DROP = 'encryption-drop-';

/** Numbers of packets, by the reason for which they were dropped. */
export type Drops = Readonly<Record<string, number>>;

export function totalDrops(drops: Drops): number {
  return Object.values(drops).reduce((sum, count) => sum + count, 0);
}

/** What has been dropped between two counts; reasons without any are left out. */
export function dropsSince(before: Drops, after: Drops): Drops {
  return Object.fromEntries(
    Object.entries(after)
      .map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const)
      .filter(([, count]) => count !== 0),
  );
}

/** How many packets the hook has dropped, by reason; reasons without any are left out. */
export async function dropCounts(kea: KeaServer): Promise<Drops> {
  const counted = Object.entries(await kea.statistics())
    .filter(([name, value]) => name.startsWith(DROP) && value > 0)
    .map(([name, value]) => [name.slice(DROP.length), value] as const);
  return Object.fromEntries(counted);
}

/**
 * Likewise, of clients that are to be served: none of theirs is to be dropped but a message that its own retransmission has
 * overtaken on Kea's threads, which makes its timestamp an old one (docs/protocol.md 6).
 */
export async function undueDrops(kea: KeaServer): Promise<Drops> {
  const { 'timestamp-fail': _overtaken, ...undue } = await dropCounts(kea);
  return undue;
}

/** Waits until so many packets have been dropped for this reason, and gives their number. */
export function untilDropped(kea: KeaServer, reason: string, times = 1): Promise<number> {
  return until(`${times} packets to be dropped: ${reason}`, async () => {
    const { [reason]: count = 0 } = await dropCounts(kea);
    return count >= times && count;
  });
}

/**
 * How many packets were dropped while `action` ran and after it, by reason, once `count` have been.
 *
 * @param count - how many packets the action has dropped; more than that fail the test that compares the result.
 */
export async function dropsDuring(
  kea: KeaServer,
  count: number,
  action: () => Promise<unknown>,
): Promise<Drops> {
  const before = await dropCounts(kea);
  await action();
  return until(`${count} packets to be dropped`, async () => {
    const risen = dropsSince(before, await dropCounts(kea));
    return totalDrops(risen) >= count && risen;
  });
}
