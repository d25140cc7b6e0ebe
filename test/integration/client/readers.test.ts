// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOn, CLIENT_INTERFACE, Site, tree, until } from '../support';

describe('the client daemon, and its readers', () => {
  const site = Site.forEachTest(0);

  it('survives a broken pipe, and releases its lease', async () => {
    const kea = await site.start();
    const { client } = site.topology;
    const pid = site.path('pid');
    const given = await site.clientArguments();
    const words = [
      process.execPath,
      tree.cli,
      'client',
      'run',
      '--verbose',
      '--interface',
      CLIENT_INTERFACE,
      ...given,
    ];
    // head has read `started` and is gone when the next line is written.
    const program = `{ ${words.join(' ')} & echo $! > ${pid}; wait; } 2>&1 | head -n 1`;
    const shell = client.startTree('sh', ['-c', program]);
    await until('a lease', async () => (await kea.leases()).length === 1);
    await until('its address', async () => (await addressesOn(client)).includes('scope global'));
    const number = (await readFile(pid, 'utf8')).trim();
    await client.runOk('kill', ['-USR1', number]);
    await sleep(1000);
    await client.runOk('kill', ['-TERM', number]);
    await shell.exited;
    expect(await kea.leases()).toEqual([]);
    expect(await addressesOn(client)).not.toContain('scope global');
  });
});
