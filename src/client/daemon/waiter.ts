// SPDX-License-Identifier: MPL-2.0

import { MAX_TIMER } from '../exchange/environment';
import { ClientError } from '../exchange/errors';
import type { LeaseClient } from '../lease/lease-client';
import type { Transport } from '../exchange/transport';
import type { Interrupt, Interrupts } from './interrupts';
import type { DaemonOptions } from './options';

export type Outcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: ClientError }
  /** The time is over. */
  | { readonly kind: 'late' }
  | { readonly kind: 'interrupted' };

/** Milliseconds by which `boottime` may be behind: its resolution. */
const clockStep = 10;

/** The two ways to let time pass: an exchange and a pause. Both end early for an interrupt. */
export class Waiter {
  private transport: Transport | undefined;

  constructor(
    private readonly options: DaemonOptions,
    private readonly interrupts: Interrupts,
  ) {}

  /**
   * @param until by `boottime`, milliseconds; Infinity for no end
   * @param breaksOff the interrupts that end it
   * @param giveUpAt by `boottime`; at that time the client itself gives up, with a reason
   */
  async exchange<Value>(
    until: number,
    exchange: (client: LeaseClient) => Promise<Value>,
    breaksOff?: (interrupt: Interrupt) => boolean,
    giveUpAt = Infinity,
  ): Promise<Outcome<Value>> {
    const stop = new AbortController();
    const time = { isOver: false };
    const cancelTimer = this.timer(until, () => {
      time.isOver = true;
      stop.abort();
    });
    const forget = this.interrupts.onNext(() => stop.abort(), breaksOff);
    try {
      this.transport ??= await this.options.openTransport(stop.signal);
      const limit = giveUpAt - this.options.environment.boottime() + clockStep;
      const client = this.options.createClient(this.transport, stop.signal, Math.max(0, limit));
      return { kind: 'done', value: await exchange(client) };
    } catch (error) {
      if (!(error instanceof ClientError)) {
        throw error;
      }
      if (error.code !== 'stopped') {
        return { kind: 'failed', error };
      }
      return time.isOver && !this.interrupts.isPending ? { kind: 'late' } : { kind: 'interrupted' };
    } finally {
      forget();
      cancelTimer();
    }
  }

  /** @returns whether the time is over; else there is an interrupt */
  async pause(until: number): Promise<boolean> {
    let forget = (): void => undefined;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        resolve();
      };
      const cancel = this.timer(until, done);
      // An interrupt that waits already calls back at once.
      forget = this.interrupts.onNext(done);
    });
    forget();
    return !this.interrupts.isPending;
  }

  async closeTransport(): Promise<void> {
    const { transport } = this;
    this.transport = undefined;
    this.options.forgetLink?.();
    await transport?.close();
  }

  /** Never calls back before it has returned, whatever the clock says by then. */
  private timer(until: number, callback: () => void): () => void {
    const { environment } = this.options;
    let cancel: () => void = () => undefined;
    const arm = (): void => {
      const left = until - environment.boottime();
      if (left !== Infinity) {
        cancel = environment.timer(Math.max(0, Math.min(left, MAX_TIMER)), due);
      }
    };
    const due = (): void => {
      if (until <= environment.boottime()) {
        callback();
      } else {
        arm();
      }
    };
    arm();
    return () => cancel();
  }
}
