// SPDX-License-Identifier: MPL-2.0

import { noInterface, noLink } from '../exchange/interface-problems';
import { confirm } from './confirming';
import { Declining } from './declining';
import type { ClientEvent } from '../lease/events';
import { requestInformation, untilRefresh } from './informing';
import { type Credentials, type Interrupt, Interrupts } from './interrupts';
import { LinkWatch } from './link-watch';
import type { DaemonOptions } from './options';
import { rebind, renew, untilT1 } from './prolonging';
import { farewell, release } from './releasing';
import { beginSession, type Session } from './session';
import { solicit } from './soliciting';
import type { State } from './state';

/** A client that gets a lease and keeps it, as RFC 8415 section 18.2 has it; one interface, one run. */
export class ClientDaemon {
  private readonly interrupts = new Interrupts();
  private readonly session: Session;
  private readonly declining: Declining;
  private readonly watch: LinkWatch;

  constructor(private readonly options: DaemonOptions) {
    this.session = beginSession(options, this.interrupts);
    this.declining = new Declining(this.session);
    this.watch = new LinkWatch(options.environment, () => options.link(), this.interrupts);
  }

  /**
   * Runs until `signal`, and tells what happens. What is to be removed from the interface is removed while the reader
   * deals with a `lost` event: the server hears of it only after that (sections 18.2.7 and 18.2.8).
   *
   * @throws ClientError where it gives up, or cannot go on at all
   */
  run(signal: AbortSignal): AsyncIterableIterator<ClientEvent> {
    const { events } = this.session.binding;
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

  /** Renews at once; gets a new lease where there is none. */
  renew(): void {
    this.interrupts.raise({ kind: 'renew' });
  }

  /** Gives the lease back and waits for {@link renew}. */
  release(): void {
    this.interrupts.raise({ kind: 'release' });
  }

  /** Goes on with other credentials, what is under way included; a lease of another DUID is given back first. */
  change(credentials: Credentials): void {
    this.interrupts.raise({ kind: 'credentials', credentials });
  }

  /** Duplicate address detection has found another owner. */
  conflict(addresses: readonly string[]): void {
    this.interrupts.raise({ kind: 'conflict', addresses });
  }

  private async live(): Promise<void> {
    const { binding, waiter } = this.session;
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
      await farewell(this.session);
    } finally {
      this.watch.stop();
      await waiter.closeTransport();
    }
  }

  private async step(state: Exclude<State, 'stop'>): Promise<State> {
    const { session } = this;
    const interrupt = this.interrupts.take();
    if (interrupt !== undefined) {
      return this.handle(interrupt, state);
    }
    if (this.isLeased && session.binding.held?.isPartOver() === true) {
      return this.expire(state);
    }
    switch (state) {
      case 'down':
        return this.untilUp();
      case 'idle':
        await session.waiter.pause(Infinity);
        return 'idle';
      case 'init':
        return this.options.stateless ? requestInformation(session) : solicit(session);
      case 'verify':
        return confirm(session);
      case 'bound':
        return untilT1(session);
      case 'renew': {
        const next = await renew(session);
        if (next === 'bound') {
          this.declining.renewed();
        }
        return next;
      }
      case 'rebind':
        return rebind(session);
      case 'informed':
        return untilRefresh(session);
      case 'release':
        await release(session);
        return 'idle';
    }
  }

  private async handle(interrupt: Interrupt, state: State): Promise<State> {
    const { binding, pacing, waiter } = this.session;
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
    const { binding, pacing } = this.session;
    // A lease in clear has a DUID of its own.
    if (this.isLeased && binding.held?.lease.encrypted === true && credentials.isAnother()) {
      await release(this.session, 'forgotten');
    }
    credentials.adopt();
    pacing.reset();
    // Information is asked for anew: its age is not kept over an interrupt.
    return state === 'informed' ? 'init' : state;
  }

  private async untilUp(): Promise<State> {
    const { binding, waiter } = this.session;
    const { interfaceName } = this.options;
    const firstEnd = (this.isLeased ? binding.held?.firstEnd : undefined) ?? Infinity;
    const { lastChance } = binding;
    if ((await waiter.pause(Math.min(firstEnd, lastChance))) && lastChance < firstEnd) {
      const why = (await this.isAbsent()) ? noInterface : noLink;
      binding.failed({ kind: 'failed', error: why(interfaceName) });
    }
    return 'down';
  }

  /** An interface that is not there may come, as a link may; who has misspelt its name is to see that. */
  private async tellDown(): Promise<void> {
    const { binding } = this.session;
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
    this.session.pacing.reset();
    return this.isLeased ? 'verify' : 'init';
  }

  /** A part of the lease is over, or all of it; what is left goes on as it was. */
  private expire(state: State): State {
    this.session.binding.expire();
    return this.isLeased || state === 'down' || state === 'release' ? state : 'init';
  }

  /** What is left of the lease stays with its server, which is asked for another address with it (section 18.2.4). */
  private afterDecline(): State {
    return this.isLeased ? 'renew' : 'init';
  }

  /** Information without a lease is neither renewed nor confirmed: it is asked for again. */
  private get isLeased(): boolean {
    return !this.options.stateless && this.session.binding.held !== undefined;
  }

  private forget(): void {
    if (this.options.newIdentity !== undefined) {
      void this.session.binding.lose('forgotten');
    }
  }
}
