// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { ClientError, type DaemonOptions } from '../../../src/client';
import { Interrupts } from '../../../src/client/daemon/interrupts';
import { Waiter } from '../../../src/client/daemon/waiter';
import { VirtualEnvironment } from './support/virtual-environment';

/** A clock that advances between two readings, as on a busy machine. */
class RestlessEnvironment extends VirtualEnvironment {
  private readonly readings: number[];

  /** @param readings milliseconds that pass before each reading; none after the last */
  constructor(readings: readonly number[]) {
    super();
    this.readings = [...readings];
  }

  override boottime(): number {
    this.sleep((this.readings.shift() ?? 0) / 1000);
    return super.boottime();
  }
}

function waiterOn(environment: VirtualEnvironment, interrupts = new Interrupts()): Waiter {
  const options = {
    environment,
    openTransport: () => Promise.resolve({ close: () => Promise.resolve() }),
    createClient: (_: unknown, signal: AbortSignal) => ({ obtain: () => silence(signal) }),
  } as unknown as DaemonOptions;
  return new Waiter(options, interrupts);
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new ClientError('stopped', 'stopped'));
    if (signal.aborted) {
      stop();
    }
    signal.addEventListener('abort', stop);
  });
}

describe('a wait', () => {
  const readings = fc.array(fc.nat({ max: 40 }), { maxLength: 6 });

  it('that ends between two readings of the clock ends like any other', async () => {
    await fc.assert(
      fc.asyncProperty(readings, fc.integer({ min: -20, max: 60 }), async (passing, until) => {
        const environment = new RestlessEnvironment(passing);
        const waited = waiterOn(environment).pause(until);
        await environment.pass(1);
        expect(await waited).toBe(true);
      }),
    );
  });

  it('for a server does so too', async () => {
    await fc.assert(
      fc.asyncProperty(readings, fc.integer({ min: -20, max: 60 }), async (passing, until) => {
        const environment = new RestlessEnvironment(passing);
        const exchange = waiterOn(environment).exchange(until, (client) => client.obtain());
        await environment.pass(1);
        expect(await exchange).toEqual({ kind: 'late' });
      }),
    );
  });

  it('does not begin where an interrupt waits already, and leaves no listener behind', async () => {
    const interrupts = new Interrupts();
    interrupts.raise({ kind: 'renew' });
    const waiter = waiterOn(new VirtualEnvironment(), interrupts);
    expect(await waiter.pause(Infinity)).toBe(false);
    expect(interrupts.take()).toEqual({ kind: 'renew' });
    const next = waiter.pause(Infinity);
    interrupts.raise({ kind: 'stop' });
    expect(await next).toBe(false);
  });

  it('without an end sets no timer', async () => {
    const environment = new VirtualEnvironment();
    const interrupts = new Interrupts();
    const waited = waiterOn(environment, interrupts).pause(Infinity);
    await environment.pass(1_000_000);
    interrupts.raise({ kind: 'woke' });
    expect(await waited).toBe(false);
  });
});
