// SPDX-License-Identifier: MPL-2.0

import { isUsable, type Lease } from '../lease/lease';
import { ageLease } from '../lease/lease-age';
import { leaseSchedule } from './lease-schedule';
import type { DaemonEnvironment } from './options';

const MILLISECONDS = 1000;

/** A lease in use. Its times run by `boottime`: a clock that is never set, and counts while the machine sleeps. */
export class HeldLease {
  /** By `boottime`, milliseconds. */
  readonly t1: number;
  readonly t2: number;
  /** When the first part of it ends. */
  readonly firstEnd: number;
  readonly expiry: number;
  private readonly began: number;

  constructor(
    private readonly environment: DaemonEnvironment,
    readonly lease: Lease,
  ) {
    const { t1, t2, firstEnd, expiry } = leaseSchedule(lease);
    const began = environment.boottime();
    this.began = began;
    this.t1 = began + t1 * MILLISECONDS;
    this.t2 = began + t2 * MILLISECONDS;
    this.firstEnd = began + firstEnd * MILLISECONDS;
    this.expiry = began + expiry * MILLISECONDS;
  }

  /** A lease from a file, aged by the time that has passed; undefined if it is over, or dated in the future. */
  static restore(environment: DaemonEnvironment, lease: Lease): HeldLease | undefined {
    const now = environment.now();
    const age = (now - lease.obtained) / MILLISECONDS;
    const aged = ageLease(lease, age, now);
    return age >= 0 && isUsable(aged) ? new HeldLease(environment, aged) : undefined;
  }

  /** The lease as it is now, without what has expired. */
  current(): Lease {
    return this.aged(this.lease);
  }

  /** A part of the lease as it is now. @param part of this lease */
  aged(part: Lease): Lease {
    return ageLease(part, this.age(), this.environment.now());
  }

  /** Whether a part of it has ended, or all. */
  isPartOver(): boolean {
    return this.environment.boottime() >= this.firstEnd;
  }

  isOver(): boolean {
    return this.environment.boottime() >= this.expiry;
  }

  /** Seconds since the lease was obtained. */
  private age(): number {
    return (this.environment.boottime() - this.began) / MILLISECONDS;
  }

  secondsTo(moment: number): number {
    return Math.max(0, (moment - this.environment.boottime()) / MILLISECONDS);
  }
}

/** What is left of a lease without some of its addresses; undefined if that is nothing. */
export function withoutAddresses(lease: Lease, addresses: readonly string[]): Lease | undefined {
  const left = keepAddresses(lease, (address) => !addresses.includes(address));
  return isUsable(left) ? left : undefined;
}

/** Only some of a lease's addresses, and no prefix: what a Decline is about (RFC 8415 section 18.2.8). */
export function onlyAddresses(lease: Lease, addresses: readonly string[]): Lease {
  return { ...keepAddresses(lease, (address) => addresses.includes(address)), prefixes: [] };
}

function keepAddresses(lease: Lease, isKept: (address: string) => boolean): Lease {
  return {
    ...lease,
    addresses: lease.addresses
      .map((association) => ({
        ...association,
        items: association.items.filter(({ address }) => isKept(address)),
      }))
      .filter(({ items }) => items.length > 0),
  };
}
