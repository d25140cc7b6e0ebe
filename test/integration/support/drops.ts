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

/** How often each sender stands in lines of the hook's log. */
function sendersIn(log: string, line: RegExp): ReadonlyMap<string, number> {
  const senders = new Map<string, number>();
  for (const [, sender = ''] of log.matchAll(line)) {
    senders.set(sender, (senders.get(sender) ?? 0) + 1);
  }
  return senders;
}

/**
 * How many of the messages that were dropped for their timestamps their own retransmissions cannot have overtaken: what
 * is overtaken is older than what was accepted last, and a message of the same sender was served in its place.
 */
function notOvertaken(log: string, dropped: number): number {
  const served = sendersIn(log, /ENCRYPTION_QUERY_(?:DECRYPTED|REPLIED) query from (\S+) (?!.*: refused: )/g);
  const older = sendersIn(
    log,
    /ENCRYPTION_QUERY_(?:DROPPED|REPLIED) query from (\S+) .*: timestamp refused: not-newer$/gm,
  );
  const overtaken = [...older].map(([sender, count]) => Math.min(count, served.get(sender) ?? 0));
  return dropped - overtaken.reduce((sum, count) => sum + count, 0);
}

/**
 * Likewise, of clients that are to be served: none of theirs is to be dropped but a message that its own retransmission has
 * overtaken on Kea's threads, which makes its timestamp an old one (docs/protocol.md 6). Looks into the log of a
 * {@link hookedKea}, which tells every packet.
 */
export async function undueDrops(kea: KeaServer): Promise<Drops> {
  const { 'timestamp-fail': counted = 0, ...undue } = await dropCounts(kea);
  const inLog = (): number => kea.log.match(/ENCRYPTION_QUERY_.*: timestamp refused: /g)?.length ?? 0;
  await until('drops to be logged', () => inLog() >= counted);
  const dropped = notOvertaken(kea.log, inLog());
  return dropped === 0 ? undue : { ...undue, 'timestamp-fail': dropped };
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
