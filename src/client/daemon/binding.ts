// SPDX-License-Identifier: MPL-2.0

import { inapplicableParts } from '../lease/applicable';
import { ClientError } from '../exchange/errors';
import { isUsable, type Lease } from '../lease/lease';
import { EventQueue } from './event-queue';
import type { ClientEvent, EventDetail, LossReason } from '../lease/events';
import { HeldLease } from './held-lease';
import type { DaemonOptions } from './options';
import type { Outcome } from './waiter';

/** Errors that no waiting mends. */
const fatal: readonly string[] = ['port-unavailable', 'pins-file'];

/** The lease that the client has: in use, in the store, and told of. */
export class Binding {
  readonly events = new EventQueue<ClientEvent>();
  held: HeldLease | undefined;
  private hadLease = false;
  private isEnding = false;
  private failure: ClientError | undefined;
  private readonly began: number;

  constructor(private readonly options: DaemonOptions) {
    this.began = options.environment.boottime();
  }

  /** Takes up what the store has and is still good. */
  restore(): void {
    const { store, stateless, newIdentity } = this.options;
    const lease = store?.read();
    if (lease === undefined || stateless || newIdentity !== undefined) {
      return;
    }
    const { environment } = this.options;
    this.held = HeldLease.restore(environment, lease);
    if (lease.obtained > environment.now()) {
      const [obtained, now] = [lease.obtained, environment.now()].map((time) => new Date(time).toISOString());
      const message =
        `the kept lease is not used: it was obtained at ${obtained}, and this system's clock says ${now}, ` +
        'so that nobody knows what is left of it; set the clock if it is wrong';
      void this.emit({ type: 'problem', code: 'lease-file', message });
    }
  }

  adopt(type: 'bound' | 'renewed' | 'rebound' | 'informed', lease: Lease): void {
    const previous = this.held?.lease;
    this.held = new HeldLease(this.options.environment, lease);
    this.hadLease = true;
    this.keep(lease);
    void this.emit({ type, lease, previous });
    this.tellInapplicable(lease);
  }

  /** The lease stays as it is; what is told of it has the lifetimes that are left. */
  confirm(held: HeldLease): void {
    void this.emit({ type: 'confirmed', lease: held.current(), previous: held.lease });
    this.hadLease = true;
    this.tellInapplicable(held.lease);
  }

  /** No Decline: that would say that another host has the address (RFC 8415 section 18.2.8). */
  private tellInapplicable(lease: Lease): void {
    for (const text of inapplicableParts(lease)) {
      const message = `${text}: it is not put on this host (the server ${lease.serverName} gave it)`;
      void this.emit({ type: 'problem', code: 'not-applicable', message });
    }
  }

  /** Ends what has run out. */
  expire(): void {
    void this.lose('expired', this.held?.lease);
  }

  /** @param left what stays of the lease, but for what has run out; resolves once nobody uses the rest any more */
  lose(reason: LossReason, left?: Lease): Promise<void> {
    const { held } = this;
    if (held === undefined) {
      return Promise.resolve();
    }
    const aged = left && held.aged(left);
    const lease = aged && isUsable(aged) ? aged : undefined;
    this.held = lease && new HeldLease(this.options.environment, lease);
    this.keep(lease);
    return this.emit({ type: 'lost', reason, lease, previous: held.lease });
  }

  /** From now on nothing ends the client but its end. */
  beginToEnd(): void {
    this.isEnding = true;
  }

  /** When the client gives up where it has got nothing by then; by `boottime`, Infinity for never. */
  get lastChance(): number {
    const { giveUpAfter = Infinity } = this.options;
    return this.hadLease ? Infinity : this.began + giveUpAfter;
  }

  /** @throws ClientError where the time has gone by since an exchange has failed: what became of that one */
  requireChance(): void {
    if (
      this.failure !== undefined &&
      !this.isEnding &&
      this.options.environment.boottime() >= this.lastChance
    ) {
      throw this.failure;
    }
  }

  /** Tells of an exchange that has failed. @throws ClientError where there is no going on */
  failed(outcome: Outcome<unknown>): void {
    if (outcome.kind !== 'failed') {
      return;
    }
    this.failure = outcome.error;
    const { code, message } = outcome.error;
    const isHopeless = fatal.includes(code) || this.options.environment.boottime() >= this.lastChance;
    if (isHopeless && !this.hadLease && !this.isEnding) {
      throw outcome.error;
    }
    void this.emit({ type: 'problem', code, message });
  }

  /** Resolves once the reader has dealt with it. */
  emit(detail: EventDetail): Promise<void> {
    const { interfaceName, environment } = this.options;
    return this.events.push({ interface: interfaceName, time: environment.now(), ...detail });
  }

  private keep(lease: Lease | undefined): void {
    try {
      if (lease === undefined) {
        this.options.store?.remove();
      } else {
        this.options.store?.write(lease);
      }
    } catch (error) {
      if (!(error instanceof ClientError)) {
        throw error;
      }
      void this.emit({ type: 'problem', code: error.code, message: error.message });
    }
  }
}

/** The lease cannot be prolonged as it is, and a fresh one can be had. */
export function isForAnother({ code }: ClientError): boolean {
  return code === 'encryption-available' || code === 'cleartext-lease' || code === 'lease-of-another-client';
}
