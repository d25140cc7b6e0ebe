// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEncryptedClient, type ClientLease, type EncryptedClientOptions } from './encrypted-client';
import type { Exit, Running } from './process';
import type { Testbed } from './testbed';
import { pause, until } from '../../support/until';

/**
 * Slows the monotonic clock and the timers of a Node.js process, so that on a busy machine nothing is late, and has
 * them jump a minute at SIGUSR2. The wall clock stays as it is.
 */
const CLOCK = `
const slowness = 20;
const jump = 60_000;
const began = performance.now();
const { now } = performance;
const { setTimeout: set, clearTimeout: clear } = globalThis;
let skipped = 0;
const virtual = () => began + (now.call(performance) - began) / slowness + skipped;
const timers = new Map();
performance.now = virtual;
process.hrtime.bigint = () => BigInt(Math.round(virtual() * 1e6));
globalThis.setTimeout = (callback, milliseconds = 0) => {
  const due = virtual() + milliseconds;
  const fire = () => { timers.delete(timer); callback(); };
  const timer = set(fire, milliseconds * slowness);
  timers.set(timer, { due, fire });
  return timer;
};
globalThis.clearTimeout = (timer) => { timers.delete(timer); clear(timer); };
process.on('SIGUSR2', () => {
  skipped += jump;
  for (const [timer, { due, fire }] of [...timers]) {
    if (due <= virtual()) { clear(timer); fire(); }
  }
});
`;

/** The command `kea-encryption client`, whose waiting ends when the test says so. */
export class ClockedClient {
  private constructor(private readonly running: Running) {}

  static async start(
    testbed: Testbed,
    exchange: string,
    options: EncryptedClientOptions,
  ): Promise<ClockedClient> {
    const clock = join(testbed.directory, 'clock.cjs');
    await writeFile(clock, CLOCK);
    // The jumps count: what bounds the whole of the exchange is far beyond them.
    const more = [...(options.more ?? []), '--timeout', '86400'];
    return new ClockedClient(
      startEncryptedClient(exchange, { ...options, more, node: ['--require', clock] }),
    );
  }

  /** Ends whatever the client waits for. */
  jump(): void {
    this.running.signal('SIGUSR2');
  }

  /** What it has said so far on standard error: one line for each thing that it has ignored. */
  get notices(): readonly string[] {
    return this.running.stderr.split('\n').filter((line) => line !== '');
  }

  get isRunning(): boolean {
    return this.running.isRunning;
  }

  /**
   * Jumps whenever `count` has risen, until the client has given up its server; then waits for its end. The count may go
   * on to rise, and the next server is to have its time.
   */
  async jumpAtEach(count: () => Promise<number>): Promise<void> {
    const hasGivenUp = (): boolean => this.notices.some((line) => line.endsWith('did not answer'));
    let last = await count();
    await until('the client to end', async () => {
      const present = await count();
      if (present > last && this.isRunning && !hasGivenUp()) {
        last = present;
        this.jump();
      }
      return !this.isRunning;
    });
  }

  /** Jumps again and again until the client ends: whatever it waits for need not have begun before the first one. */
  async jumpToEnd(): Promise<void> {
    await until('the client to end', async () => {
      if (this.isRunning) {
        this.jump();
        await pause(1_000);
      }
      return !this.isRunning;
    });
  }

  stop(): Promise<Exit> {
    return this.running.stop();
  }

  /** The lease that the client has printed; throws if it failed. */
  async lease(): Promise<ClientLease> {
    const { code, signal } = await this.running.exited;
    // A jump may come when the client has printed its lease and Node.js, on its way out, handles no signal any more.
    const isLate = signal === 'SIGUSR2' && this.running.stdout.endsWith('\n');
    if (code !== 0 && !isLate) {
      throw new Error(`the client failed: ${this.running.outcome()}`);
    }
    return JSON.parse(this.running.stdout) as ClientLease;
  }
}
