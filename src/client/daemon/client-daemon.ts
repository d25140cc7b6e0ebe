// SPDX-License-Identifier: MPL-2.0

import { noInterface, noLink } from '../exchange/errors';
import { confirm } from './confirming';
import { createDaemonContext, type DaemonContext, type State } from './daemon-context';
import { Declining } from './declining';
import type { ClientEvent } from '../lease/events';
import { rebind, renew, untilT1 } from './extending';
import { requestInformation, untilRefresh } from './informing';
import { type Credentials, type Interrupt, Interrupts } from './interrupts';
import { LinkWatch } from './link-watch';
import type { DaemonOptions } from './options';
import { release, releaseOnExit } from './releasing';
import { solicit } from './soliciting';

/** The client daemon: obtains a lease on one interface and keeps it (RFC 8415 section 18.2). For one run. */
export class ClientDaemon {
  private readonly interrupts = new Interrupts();
  private readonly context: DaemonContext;
  private readonly declining: Declining;
  private readonly watch: LinkWatch;

  constructor(private readonly options: DaemonOptions) {
    this.context = createDaemonContext(options, this.interrupts);
    this.declining = new Declining(this.context);
    this.watch = new LinkWatch(options.environment, () => options.link(), this.interrupts);
  }

  /**
   * Runs until `signal`, and yields what happens. What is to be removed from the interface is removed while the reader
   * deals with a `lost` event: the server is informed only after that (sections 18.2.7 and 18.2.8).
   *
   * @throws ClientError if it gives up, or cannot continue
   */
  run(signal: AbortSignal): AsyncIterableIterator<ClientEvent> {
    const { events } = this.context.binding;
    const onAbort = (): void => this.interrupts.raise({ kind: 'stop' });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
    }
    void this.live()
      .then(
        () => events.end(),
        (error: unknown) => events.end({ error }),
      )
      .finally(() => signal.removeEventListener('abort', onAbort));
    return events;
  }

  /** Renews at once; obtains a new lease if there is none. */
  renew(): void {
    this.interrupts.raise({ kind: 'renew' });
  }

  /** Releases the lease and waits for {@link renew}. */
  release(): void {
    this.interrupts.raise({ kind: 'release' });
  }

  /** Changes the credentials, also of the exchange under way; a lease of another DUID is released first. */
  change(credentials: Credentials): void {
    this.interrupts.raise({ kind: 'credentials', credentials });
  }

  /** Duplicate address detection has found another owner. */
  conflict(addresses: readonly string[]): void {
    this.interrupts.raise({ kind: 'conflict', addresses });
  }

  private async live(): Promise<void> {
    const { binding, waiter } = this.context;
    try {
      void binding.emit({ type: 'started' });
      const isUp = await this.watch.start();
      if (!isUp) {
        await this.tellDown();
      }
      binding.restore();
      let state: State = isUp ? this.beginning() : 'down';
      while (state !== 'stop') {
        state = await this.step(state);
      }
      await releaseOnExit(this.context);
    } finally {
      this.watch.stop();
      await waiter.closeTransport();
    }
  }

  private async step(state: Exclude<State, 'stop'>): Promise<State> {
    const { context } = this;
    const interrupt = this.interrupts.take();
    if (interrupt !== undefined) {
      return this.handle(interrupt, state);
    }
    if (this.isLeased && context.binding.held?.isPartOver() === true) {
      return this.expire(state);
    }
    switch (state) {
      case 'down':
        return this.untilUp();
      case 'idle':
        await context.waiter.pause(Infinity);
        return 'idle';
      case 'init':
        return this.options.stateless ? requestInformation(context) : solicit(context);
      case 'verify':
        return confirm(context);
      case 'bound':
        return untilT1(context);
      case 'renew': {
        const next = await renew(context);
        if (next === 'bound') {
          this.declining.renewed();
        }
        return next;
      }
      case 'rebind':
        return rebind(context);
      case 'informed':
        return untilRefresh(context);
      case 'release':
        await release(context);
        return 'idle';
    }
  }

  private async handle(interrupt: Interrupt, state: State): Promise<State> {
    const { binding, pacing, waiter } = this.context;
    switch (interrupt.kind) {
      case 'stop':
        return 'stop';
      case 'release':
        return 'release';
      case 'renew':
        pacing.reset();
        return state === 'down' ? state : this.isLeased ? 'renew' : 'init';
      case 'link-down':
        await this.tellDown();
        await waiter.closeTransport();
        this.forget();
        return state === 'idle' ? state : 'down';
      case 'link-up':
      case 'woke':
        void binding.emit({ type: 'link', up: true });
        await waiter.closeTransport();
        this.forget();
        return state === 'idle' ? state : this.beginning();
      case 'credentials':
        return this.adopt(interrupt.credentials, state);
      case 'conflict':
        return (await this.declining.decline(interrupt.addresses)) ? this.afterDecline() : state;
    }
  }

  private async adopt(credentials: Credentials, state: State): Promise<State> {
    const { binding, pacing } = this.context;
    // A lease in clear has a DUID of its own.
    if (this.isLeased && binding.held?.lease.encrypted === true && credentials.hasAnotherDuid()) {
      await release(this.context, 'forgotten');
    }
    credentials.adopt();
    pacing.reset();
    // Information is requested again: an interrupt loses its age.
    return state === 'informed' ? 'init' : state;
  }

  private async untilUp(): Promise<State> {
    const { binding, waiter } = this.context;
    const { interfaceName } = this.options;
    const firstEnd = (this.isLeased ? binding.held?.firstEnd : undefined) ?? Infinity;
    const { giveUpAt } = binding;
    if ((await waiter.pause(Math.min(firstEnd, giveUpAt))) && giveUpAt < firstEnd) {
      const why = (await this.isAbsent()) ? noInterface : noLink;
      binding.failed({ kind: 'failed', error: why(interfaceName) });
    }
    return 'down';
  }

  /** A missing interface may still appear, as a link may; the event shows a misspelt name. */
  private async tellDown(): Promise<void> {
    const { binding } = this.context;
    void binding.emit({ type: 'link', up: false });
    if (await this.isAbsent()) {
      const { code, message } = noInterface(this.options.interfaceName);
      void binding.emit({ type: 'problem', code, message: `${message}: the client waits for it` });
    }
  }

  private async isAbsent(): Promise<boolean> {
    return (await this.options.isInterface?.()) === false;
  }

  private beginning(): State {
    this.context.pacing.reset();
    return this.isLeased ? 'verify' : 'init';
  }

  /** A part of the lease has expired, or all of it; what is left stays as it was. */
  private expire(state: State): State {
    this.context.binding.expire();
    return this.isLeased || state === 'down' || state === 'release' ? state : 'init';
  }

  /** What is left of the lease stays with its server; a Renew requests another address (section 18.2.4). */
  private afterDecline(): State {
    return this.isLeased ? 'renew' : 'init';
  }

  /** Information without a lease is neither renewed nor confirmed: it is requested again. */
  private get isLeased(): boolean {
    return !this.options.stateless && this.context.binding.held !== undefined;
  }

  private forget(): void {
    if (this.options.newIdentity !== undefined) {
      void this.context.binding.lose('forgotten');
    }
  }
}
