// SPDX-License-Identifier: MPL-2.0

import { ClientError } from '../errors';
import { isUsable, type Lease } from '../lease';
import { ageLease } from '../lease-age';
import { Retransmission, type RetransmissionParameters, RetransmissionSchedule } from '../retransmission';
import { EventQueue } from './event-queue';
import type { ClientEvent, EventDetail, LossReason } from './events';
import { HeldLease, onlyAddresses, withoutAddresses } from './held-lease';
import { type Interrupt, Interrupts } from './interrupts';
import { refreshTime } from './lease-schedule';
import { LinkWatch } from './link-watch';
import type { DaemonOptions } from './options';
import { type Outcome, Waiter } from './waiter';

type State =
  'down' | 'init' | 'verify' | 'bound' | 'renew' | 'rebind' | 'informed' | 'idle' | 'release' | 'stop';

const MILLISECONDS = 1000;
/** CNF_MAX_RD, and as much again to find an authenticated server. */
const verifyDuration = 20_000;
/** How long a Release or a Decline may take (REL_MAX_RC, DEC_MAX_RC), and finding the server. */
const farewellDuration = 20_000;
/** After so many conflicts in a row the client slows down (RFC 8415 section 14.1). */
const freeConflicts = 3;
const conflictDelay = 10_000;
/** Errors that no waiting mends. */
const fatal: readonly string[] = ['port-unavailable', 'pins-file'];

/** A client that gets a lease and keeps it, as RFC 8415 section 18.2 has it; one interface, one run. */
export class ClientDaemon {
  private readonly interrupts = new Interrupts();
  private readonly events = new EventQueue<ClientEvent>();
  private readonly waiter: Waiter;
  private readonly watch: LinkWatch;
  private readonly began: number;
  private held: HeldLease | undefined;
  private hadLease = false;
  private conflicts = 0;
  private isEnding = false;
  private schedule: RetransmissionSchedule | undefined;

  constructor(private readonly options: DaemonOptions) {
    const { environment } = options;
    this.waiter = new Waiter(options, this.interrupts);
    this.watch = new LinkWatch(environment, () => options.isLinkUp(), this.interrupts);
    this.began = environment.boottime();
  }

  /**
   * Runs until `signal`, and tells what happens. What is to be removed from the interface is removed while the reader
   * deals with a `lost` event: the server hears of it only after that (sections 18.2.7 and 18.2.8).
   *
   * @throws ClientError where it gives up, or cannot go on at all
   */
  run(signal: AbortSignal): AsyncIterableIterator<ClientEvent> {
    const onAbort = (): void => this.interrupts.raise({ kind: 'stop' });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
    }
    void this.live()
      .then(
        () => this.events.end(),
        (error: unknown) => this.events.end({ error }),
      )
      .finally(() => signal.removeEventListener('abort', onAbort));
    return this.events;
  }

  /** Renews at once; gets a new lease where there is none. */
  renew(): void {
    this.interrupts.raise({ kind: 'renew' });
  }

  /** Gives the lease back and waits for {@link renew}. */
  release(): void {
    this.interrupts.raise({ kind: 'release' });
  }

  /** Duplicate address detection has found another owner. */
  conflict(addresses: readonly string[]): void {
    this.interrupts.raise({ kind: 'conflict', addresses });
  }

  private async live(): Promise<void> {
    try {
      void this.emit({ type: 'started' });
      const isUp = await this.watch.start();
      if (!isUp) {
        void this.emit({ type: 'link', up: false });
      }
      this.restore();
      let state: State = isUp ? this.beginning() : 'down';
      while (state !== 'stop') {
        state = await this.step(state);
      }
      await this.farewell();
    } finally {
      this.watch.stop();
      await this.waiter.closeTransport();
    }
  }

  private async step(state: Exclude<State, 'stop'>): Promise<State> {
    const interrupt = this.interrupts.take();
    if (interrupt !== undefined) {
      return this.handle(interrupt, state);
    }
    switch (state) {
      case 'down':
        return this.whileDown();
      case 'idle':
        await this.waiter.pause(Infinity);
        return 'idle';
      case 'init':
        return this.options.stateless ? this.ask() : this.obtain();
      case 'verify':
        return this.verify();
      case 'bound':
        return this.untilT1();
      case 'renew':
        return this.renewing();
      case 'rebind':
        return this.rebinding();
      case 'informed':
        return this.untilRefresh();
      case 'release':
        await this.giveBack();
        return 'idle';
    }
  }

  private async handle(interrupt: Interrupt, state: State): Promise<State> {
    switch (interrupt.kind) {
      case 'stop':
        return 'stop';
      case 'release':
        return 'release';
      case 'renew':
        this.schedule = undefined;
        return state === 'down' ? state : this.held !== undefined ? 'renew' : 'init';
      case 'link-down':
        void this.emit({ type: 'link', up: false });
        await this.waiter.closeTransport();
        return state === 'idle' ? state : 'down';
      case 'link-up':
      case 'woke':
        void this.emit({ type: 'link', up: true });
        await this.waiter.closeTransport();
        return state === 'idle' ? state : this.beginning();
      case 'conflict':
        return (await this.decline(interrupt.addresses)) ? 'init' : state;
    }
  }

  private beginning(): State {
    this.schedule = undefined;
    return this.held === undefined ? 'init' : 'verify';
  }

  private restore(): void {
    const lease = this.options.store?.read();
    if (lease !== undefined && !this.options.stateless) {
      this.held = HeldLease.restore(this.options.environment, lease);
    }
  }

  private async whileDown(): Promise<State> {
    const isOver = await this.waiter.pause(this.held?.expiry ?? Infinity);
    if (isOver) {
      void this.lose('expired');
    }
    return 'down';
  }

  /** Sections 18.2.1 and 18.2.2. */
  private async obtain(): Promise<State> {
    if (!(await this.delay(Retransmission.solicit(this.options.maxRt.solicit)))) {
      return 'init';
    }
    const outcome = await this.waiter.exchange(this.held?.expiry ?? Infinity, (client) => client.obtain());
    if (outcome.kind === 'done') {
      this.adopt('bound', outcome.value);
      return 'bound';
    }
    if (outcome.kind === 'late') {
      void this.lose('expired');
    }
    this.failed(outcome);
    return 'init';
  }

  /** Section 18.2.6. */
  private async ask(): Promise<State> {
    if (!(await this.delay(Retransmission.informationRequest(this.options.maxRt.informationRequest)))) {
      return 'init';
    }
    const outcome = await this.waiter.exchange(Infinity, (client) => client.informationRequest());
    if (outcome.kind !== 'done') {
      this.failed(outcome);
      return 'init';
    }
    this.adopt('informed', outcome.value);
    return 'informed';
  }

  private async untilRefresh(): Promise<State> {
    const { environment } = this.options;
    const seconds = refreshTime(this.held?.lease.configuration.informationRefreshTime);
    const isOver = await this.waiter.pause(environment.boottime() + seconds * MILLISECONDS);
    return isOver ? 'init' : 'informed';
  }

  /** Section 18.2.12: a Confirm for addresses alone, a Rebind where there are prefixes; silence proves nothing. */
  private async verify(): Promise<State> {
    const { held } = this;
    if (held === undefined) {
      return 'init';
    }
    const { environment } = this.options;
    const until = Math.min(held.expiry, environment.boottime() + verifyDuration);
    const outcome: Outcome<Lease | boolean> = await this.waiter.exchange<Lease | boolean>(until, (client) =>
      held.lease.prefixes.length > 0
        ? client.rebind(held.lease, held.secondsTo(until))
        : client.confirm(held.lease),
    );
    if (outcome.kind === 'interrupted') {
      return 'verify';
    }
    if (outcome.kind === 'done' && typeof outcome.value === 'object') {
      this.adopt('rebound', outcome.value);
      return 'bound';
    }
    if ((outcome.kind === 'done' && outcome.value === false) || isRefusal(outcome)) {
      void this.lose('not-on-link');
      return 'init';
    }
    this.failed(outcome);
    if (outcome.kind === 'failed' && isForAnother(outcome.error)) {
      return 'init';
    }
    void this.emit({ type: 'confirmed', lease: held.lease, previous: held.lease });
    this.hadLease = true;
    return 'bound';
  }

  private async untilT1(): Promise<State> {
    this.schedule = undefined;
    const isOver = this.held === undefined || (await this.waiter.pause(this.held.t1));
    return isOver ? 'renew' : 'bound';
  }

  /** Section 18.2.4. */
  private async renewing(): Promise<State> {
    const { held } = this;
    if (held === undefined) {
      return 'init';
    }
    const until = Math.max(held.t2, this.options.environment.boottime() + 1);
    const outcome = await this.waiter.exchange(until, (client) =>
      client.renew(held.lease, held.secondsTo(until)),
    );
    return this.prolonged(outcome, 'renew', held.t2, 'rebind');
  }

  /** Section 18.2.5. */
  private async rebinding(): Promise<State> {
    const { held } = this;
    if (held === undefined) {
      return 'init';
    }
    const outcome = await this.waiter.exchange(held.expiry, (client) =>
      client.rebind(held.lease, held.secondsTo(held.expiry)),
    );
    const next = await this.prolonged(outcome, 'rebind', held.expiry, 'init');
    if (next === 'init' && this.held === held && outcome.kind !== 'failed') {
      void this.lose('expired');
    }
    return next;
  }

  private async prolonged(
    outcome: Outcome<Lease>,
    own: 'renew' | 'rebind',
    end: number,
    next: 'rebind' | 'init',
  ): Promise<State> {
    switch (outcome.kind) {
      case 'done':
        this.adopt(own === 'renew' ? 'renewed' : 'rebound', outcome.value);
        return 'bound';
      case 'interrupted':
        return own;
      case 'late':
        return next;
      case 'failed': {
        this.failed(outcome);
        if (isForAnother(outcome.error)) {
          return 'init';
        }
        const { environment } = this.options;
        const isOver = await this.waiter.pause(
          Math.min(end, environment.boottime() + this.nextDelay(Retransmission.renew(0))),
        );
        if (isOver && environment.boottime() >= end && next === 'init') {
          void this.lose('expired');
        }
        return environment.boottime() >= end ? next : own;
      }
    }
  }

  /** Section 18.2.8. @returns whether the lease had any of the addresses */
  private async decline(addresses: readonly string[]): Promise<boolean> {
    const lease = this.held?.lease;
    if (lease === undefined) {
      return false;
    }
    const declined = onlyAddresses(lease, addresses);
    if (!isUsable(declined)) {
      return false;
    }
    await this.lose('declined', withoutAddresses(lease, addresses));
    const until = this.options.environment.boottime() + farewellDuration;
    this.failed(await this.waiter.exchange(until, (client) => client.decline(declined)));
    this.conflicts += 1;
    if (this.conflicts > freeConflicts) {
      await this.waiter.pause(this.options.environment.boottime() + conflictDelay);
    }
    this.schedule = undefined;
    return true;
  }

  /** Section 18.2.7. */
  private async giveBack(): Promise<void> {
    const lease = this.held?.lease;
    if (lease === undefined) {
      return;
    }
    const isLeased = isUsable(lease);
    await this.lose('released');
    if (isLeased) {
      const until = this.options.environment.boottime() + farewellDuration;
      this.failed(await this.waiter.exchange(until, (client) => client.release(lease)));
    }
  }

  private async farewell(): Promise<void> {
    this.isEnding = true;
    if (this.options.releaseOnStop) {
      await this.giveBack();
    }
    await this.emit({ type: 'stopped', lease: this.held?.lease });
  }

  private adopt(type: 'bound' | 'renewed' | 'rebound' | 'informed', lease: Lease): void {
    const previous = this.held?.lease;
    this.held = new HeldLease(this.options.environment, lease);
    this.schedule = undefined;
    this.hadLease = true;
    if (type === 'renewed') {
      this.conflicts = 0;
    }
    this.keep(lease);
    void this.emit({ type, lease, previous });
  }

  private lose(reason: LossReason, left?: Lease): Promise<void> {
    const previous = this.held?.lease;
    if (previous === undefined) {
      return Promise.resolve();
    }
    const aged = left && ageLease(left, this.held?.age() ?? 0, this.options.environment.now());
    this.held = aged && new HeldLease(this.options.environment, aged);
    this.keep(aged);
    return this.emit({ type: 'lost', reason, lease: aged, previous });
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

  /** @throws ClientError where there is no going on */
  private failed(outcome: Outcome<unknown>): void {
    if (outcome.kind !== 'failed') {
      return;
    }
    const { code, message } = outcome.error;
    const { environment, giveUpAfter = Infinity } = this.options;
    const isHopeless = fatal.includes(code) || environment.boottime() - this.began >= giveUpAfter;
    if (isHopeless && !this.hadLease && !this.isEnding) {
      throw outcome.error;
    }
    void this.emit({ type: 'problem', code, message });
  }

  /** The random delay before the first message, and what section 15 has between further ones. @returns as `pause` */
  private delay(parameters: RetransmissionParameters): Promise<boolean> {
    const { environment } = this.options;
    const milliseconds =
      this.schedule === undefined ? environment.random() * MILLISECONDS : this.nextDelay(parameters);
    this.schedule ??= new RetransmissionSchedule(parameters, () => environment.random());
    return this.waiter.pause(environment.boottime() + milliseconds);
  }

  private nextDelay(parameters: RetransmissionParameters): number {
    this.schedule ??= new RetransmissionSchedule(parameters, () => this.options.environment.random());
    return this.schedule.next(0) ?? MILLISECONDS;
  }

  private emit(detail: EventDetail): Promise<void> {
    const { interfaceName, environment } = this.options;
    return this.events.push({ interface: interfaceName, time: environment.now(), ...detail });
  }
}

/** The server has said that the lease is none here. */
function isRefusal(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'failed' && outcome.error.code === 'refused';
}

/** The lease cannot be prolonged as it is, and a fresh one can be had. */
function isForAnother({ code }: ClientError): boolean {
  return code === 'encryption-available' || code === 'cleartext-lease' || code === 'lease-of-another-client';
}
