// SPDX-License-Identifier: MPL-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotifySocket, run, RunningClient, Site, until } from '../support';

/** What `kea-encryption client run` says to the systemd that has started it (sd_notify(3)). */
describe('the client as a service of Type=notify', () => {
  const site = Site.forEachTest(0);

  it.each([
    ['bound', 'renewed', []],
    ['informed', 'informed', ['--no-address']],
  ])(
    'is ready once it is %s, and not before; says what happens, and that it stops',
    async (first, next, more) => {
      const socket = await NotifySocket.open(site.testbed);
      const client = RunningClient.start(site.topology.client, await site.clientArguments(...more), {
        NOTIFY_SOCKET: socket.path,
      });
      const said = (text: string): Promise<string[]> =>
        until(text, () => {
          const { isRunning } = client.process;
          const found = socket.messages.find((message) => message.includes(text));
          if (found === undefined && !isRunning) {
            throw new Error(`the client has ended: ${client.process.outcome()}`);
          }
          return found;
        });
      const pid = `MAINPID=${client.pid}`;
      expect(await said('STATUS=client0: started')).toEqual([pid, 'STATUS=client0: started']);
      const isReady = (): string[][] => socket.messages.filter((message) => message.includes('READY=1'));
      expect(isReady()).toEqual([]);

      await site.start();
      const words = expect.stringMatching(new RegExp(`^STATUS=client0: ${first} .*CN=dhcp\\.example\\.net`));
      expect(await said('READY=1')).toEqual([pid, 'READY=1', words]);

      const before = socket.messages.length;
      await client.signal('USR1');
      await until('the renewal', () =>
        socket.messages.slice(before).some((message) => message[1]?.startsWith(`STATUS=client0: ${next} `)),
      );
      expect(isReady()).toHaveLength(1);

      expect(await client.stop()).toEqual({ code: 0, signal: null });
      const end = (): string[][] => socket.messages.slice(before);
      await until('its last words', () => end().some(([, text]) => text?.startsWith('STATUS=client0: lost')));
      expect(end()).toContainEqual([pid, 'STOPPING=1']);
      expect(end()).toContainEqual([pid, expect.stringMatching(/^STATUS=client0: lost \(released\)/)]);
      expect(client.stderr).toBe('');
    },
  );
});

/** examples/systemd/kea-encryption-client@.service, but for the program, which need not be installed. */
describe('the unit', () => {
  const site = Site.forEachTest();

  it('is one that systemd understands, and confines the client', async () => {
    const name = 'kea-encryption-client@.service';
    const text = await readFile(join(__dirname, '../../../examples/systemd', name), 'utf8');
    expect(text).toMatch(/^Type=notify$/m);
    const unit = site.path(name);
    await writeFile(unit, text.replace('ExecStart=/usr/bin/kea-encryption ', 'ExecStart=/bin/true '));
    const { code, stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
    expect(`${stdout}${stderr}`).not.toContain('kea-encryption');
    expect(code).toBe(0);
    // Ten times what `security` calls the exposure: at most 3.0.
    const assessed = await run('systemd-analyze', ['security', '--offline=true', '--threshold=30', unit]);
    expect(assessed).toMatchObject({ code: 0 });
  });
});
