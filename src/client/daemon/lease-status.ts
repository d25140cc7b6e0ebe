// SPDX-License-Identifier: MPL-2.0

import { isUsable, type Lease } from '../lease/lease';
import { ageLease } from '../lease/lease-age';
import { leaseSchedule, refreshTime } from './lease-schedule';

const MILLISECONDS = 1000;

/** What is left of a lease. Moments are milliseconds since 1970, Infinity for never. */
export interface LeaseStatus {
  /** As if a server had given it now, without what has expired. */
  readonly lease: Lease;
  /** Whether there is an address or a prefix to use, or information that is fresh. */
  readonly isUsable: boolean;
  /** Dated in the future, because the clock went back: its remaining lifetime is unknown. */
  readonly isUntimely: boolean;
  /** An Information-request's answer: its only time is when it is to be requested again. */
  readonly isInformation: boolean;
  readonly t1: number;
  readonly t2: number;
  readonly expiry: number;
}

/** @param now milliseconds since 1970; a lease dated in the future is not usable, as at a client's start */
export function leaseStatus(lease: Lease, now: number): LeaseStatus {
  const age = (now - lease.obtained) / MILLISECONDS;
  const isInformation = lease.addresses.length === 0 && lease.prefixes.length === 0;
  const { t1, t2, expiry } = isInformation ? informationSchedule(lease) : leaseSchedule(lease);
  const isUntimely = age < 0;
  const aged = isUntimely ? { ...lease, addresses: [], prefixes: [] } : ageLease(lease, age, now);
  const at = (seconds: number): number => lease.obtained + seconds * MILLISECONDS;
  return {
    lease: aged,
    isUsable: !isUntimely && (isInformation ? at(expiry) > now : isUsable(aged)),
    isUntimely,
    isInformation,
    t1: at(t1),
    t2: at(t2),
    expiry: at(expiry),
  };
}

function informationSchedule({ configuration }: Lease): {
  readonly t1: number;
  readonly t2: number;
  readonly expiry: number;
} {
  const seconds = refreshTime(configuration.informationRefreshTime);
  return { t1: seconds, t2: seconds, expiry: seconds };
}
