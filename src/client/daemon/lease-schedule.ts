// SPDX-License-Identifier: MPL-2.0

import { INFINITY } from '../../dhcpv6';
import type { Lease, LeasedAddress, LeasedAssociation, LeasedPrefix } from '../lease/lease';

/** Seconds after the lease was obtained; Infinity for never. */
export interface LeaseSchedule {
  /** Renew, section 18.2.4. */
  readonly t1: number;
  /** Rebind, section 18.2.5. */
  readonly t2: number;
  /** The first valid lifetime has ended. */
  readonly firstEnd: number;
  /** The last one has. */
  readonly expiry: number;
}

type Association = LeasedAssociation<LeasedAddress | LeasedPrefix>;

/** RFC 8415 section 21.4: T1 and T2 if the server leaves them to the client. */
const t1Share = 0.5;
const t2Share = 0.8;
/** Seconds between messages, however short the lifetimes are (section 14.1). */
const MIN_DELAY = 1;

function finite(seconds: number): number {
  return seconds === INFINITY ? Infinity : seconds;
}

/** Of several associations the earliest times count, so that all are renewed at once (RFC 8415 section 14.2). */
export function leaseSchedule({ addresses, prefixes }: Lease): LeaseSchedule {
  const associations: Association[] = [...addresses, ...prefixes].filter(({ items }) => items.length > 0);
  const valid = associations.flatMap(({ items }) => items.map((item) => finite(item.validLifetime)));
  const [firstEnd, expiry] = valid.length === 0 ? [0, 0] : [Math.min(...valid), Math.max(...valid)];
  const t2 = Math.min(expiry, ...associations.map((one) => timeOf(one, one.t2, t2Share)));
  const t1 = Math.min(t2, ...associations.map((one) => timeOf(one, one.t1, t1Share)));
  return { t1: Math.max(MIN_DELAY, t1), t2: Math.max(MIN_DELAY, t2), firstEnd, expiry };
}

function timeOf({ items }: Association, given: number, share: number): number {
  if (given !== 0) {
    return finite(given);
  }
  const preferred = items.map((item) => finite(item.preferredLifetime)).filter((seconds) => seconds > 0);
  const lifetimes = preferred.length > 0 ? preferred : items.map((item) => finite(item.validLifetime));
  return Math.min(...lifetimes) * share;
}

/** IRT_DEFAULT and IRT_MINIMUM, RFC 8415 section 7.6, in seconds. */
const IRT_DEFAULT = 86_400;
const IRT_MINIMUM = 600;

/** When information is to be requested again (section 21.23): seconds, Infinity for never. */
export function refreshTime(given: number | undefined): number {
  return finite(given === undefined ? IRT_DEFAULT : Math.max(given, IRT_MINIMUM));
}
