// SPDX-License-Identifier: MPL-2.0

import { inapplicableParts } from '../lease/applicable';
import { ClientError } from '../exchange/errors';
import { isUsable, type Lease } from '../lease/lease';
import { EventQueue } from './event-queue';
import type { ClientEvent, EventDetail, LossReason } from '../lease/events';
import { HeldLease } from './held-lease';
import type { DaemonOptions } from './options';
import type { Outcome } from './waiter';

/** Errors that waiting cannot cure. */
const fatal: readonly string[] = ['port-unavailable', 'pins-file'];

/** The lease that the client has: keeps it in the store and reports its changes as events. */
export class Binding {
  readonly events = new EventQueue<ClientEvent>();
  held: HeldLease | undefined;
  private hadLease = false;
  private isStopping = false;
  private failure: ClientError | undefined;
  private readonly began: number;

  constructor(private readonly options: DaemonOptions) {
    this.began = options.environment.boottime();
  }

  /** Restores the lease of the store, if it is still valid. */
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
        'so that its remaining lifetime is unknown; set the clock if it is wrong';
      void this.emit({ type: 'problem', code: 'lease-file', message });
    }
  }

  adopt(type: 'bound' | 'renewed' | 'rebound' | 'informed', lease: Lease): void {
    const previous = this.held?.lease;
    this.held = new HeldLease(this.options.environment, lease);
    this.hadLease = true;
    this.keep(lease);
    void this.emit({ type, lease, previous });
    this.reportInapplicable(lease);
  }

  /** The lease stays as it is; the event has the lifetimes that are left. */
  confirm(held: HeldLease): void {
    void this.emit({ type: 'confirmed', lease: held.current(), previous: held.lease });
    this.hadLease = true;
    this.reportInapplicable(held.lease);
  }

  /** No Decline: that would say that another host has the address (RFC 8415 section 18.2.8). */
  private reportInapplicable(lease: Lease): void {
    for (const text of inapplicableParts(lease)) {
      const message = `${text}: it is not put on this host (the server ${lease.serverName} gave it)`;
      void this.emit({ type: 'problem', code: 'not-applicable', message });
    }
  }

  /** Removes what has expired. */
  expire(): void {
    void this.lose('expired', this.held?.lease);
  }

  /**
   * Resolves once the reader of events has removed the lost part from the host.
   * @param left what stays of the lease, apart from what has expired
   */
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

  /** From now on no failure is thrown: the client is stopping anyway. */
  markStopping(): void {
    this.isStopping = true;
  }

  /** When the client gives up if it has got nothing by then; by `boottime`, Infinity for never. */
  get giveUpAt(): number {
    const { giveUpAfter = Infinity } = this.options;
    return this.hadLease ? Infinity : this.began + giveUpAfter;
  }

  /** @throws ClientError of the last failed exchange, if the time to give up has come */
  requireTimeLeft(): void {
    if (
      this.failure !== undefined &&
      !this.isStopping &&
      this.options.environment.boottime() >= this.giveUpAt
    ) {
      throw this.failure;
    }
  }

  /** Reports a failed exchange as an event. @throws ClientError if the client cannot continue */
  failed(outcome: Outcome<unknown>): void {
    if (outcome.kind !== 'failed') {
      return;
    }
    this.failure = outcome.error;
    const { code, message } = outcome.error;
    const isHopeless = fatal.includes(code) || this.options.environment.boottime() >= this.giveUpAt;
    if (isHopeless && !this.hadLease && !this.isStopping) {
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

/** Whether the lease cannot be extended, and a new one can be obtained instead. */
export function isForAnother({ code }: ClientError): boolean {
  return code === 'encryption-available' || code === 'cleartext-lease' || code === 'lease-of-another-client';
}
