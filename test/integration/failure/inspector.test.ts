// SPDX-License-Identifier: MPL-2.0
import { chmodSync, existsSync } from 'node:fs';
import { descendants, SignalStorm } from '../support/signal-storm';
import { enginePid, leaseOk, Site, tree, until, type Running } from '../support';

/** docs/security.md: SIGUSR1 opens the inspector of Node.js in none of our processes, and ends none. */
describe('SIGUSR1, from the first millisecond of a process on', () => {
  const site = Site.forAllTests(0);

  beforeAll(() => chmodSync(tree.cli, 0o755));

  /** The command by its name, as an administrator or systemd starts it. */
  function start(...args: string[]): { readonly running: Running; readonly storm: SignalStorm } {
    const running = site.topology.client.startTree(tree.cli, args);
    return { running, storm: new SignalStorm(() => [running.pid]) };
  }

  /** Once so many more signals have come it still runs, and listens nowhere. */
  async function expectUnharmed({ running, storm }: ReturnType<typeof start>): Promise<void> {
    const before = storm.signals.get(running.pid) ?? 0;
    await until('signals', () => !running.isRunning || (storm.signals.get(running.pid) ?? 0) > before + 20);
    await storm.stop();
    expect([running.isRunning, [...storm.listening]]).toEqual([true, []]);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
  }

  it('opens no port in a command that ends', async () => {
    const { running, storm } = start('pki', 'init', '--directory', site.path('storm-pki'));
    // Not until it has ended: then its handlers are gone before it is.
    await running.waitForOutput(/storm-pki/);
    await storm.stop();
    expect([storm.signals.has(running.pid), [...storm.listening]]).toEqual([true, []]);
  });

  it('opens no port in an engine that systemd starts', async () => {
    const socket = site.path('storm.sock');
    const engine = start('engine', '--socket', socket);
    await until('the engine to listen', () => existsSync(socket));
    await expectUnharmed(engine);
  });

  it('opens no port in a client that runs on', async () => {
    const client = start(
      'client',
      'run',
      '--json',
      '--interface',
      'client0',
      ...(await site.clientArguments()),
    );
    await client.running.waitForOutput(/"started"/);
    await expectUnharmed(client);
  });

  it('opens no port in the engine that the hook starts, nor in what that starts', async () => {
    const kea = await site.start();
    const options = await site.client();
    await leaseOk('lease', options);
    const killed = await enginePid(kea);
    const storm = new SignalStorm(() => descendants(kea.pid));
    process.kill(killed, 'SIGKILL');
    const engine = await until('another engine', () => descendants(kea.pid).find((pid) => pid !== killed));
    await leaseOk('renew', options);
    await until('signals', () => (storm.signals.get(engine) ?? 0) > 20);
    await storm.stop();
    expect([await enginePid(kea), [...storm.listening]]).toEqual([engine, []]);
    expect(await kea.statistic('encryption-engine-restarts')).toBe(1);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('would open one in a process that is started as any other', async () => {
    const running = site.topology.client.start(process.execPath, [
      '-e',
      'setInterval(() => undefined, 1000)',
    ]);
    const storm = new SignalStorm(() => [running.pid]);
    await until('the inspector', () => storm.listening.size > 0);
    await storm.stop();
    await running.stop();
  });
});
