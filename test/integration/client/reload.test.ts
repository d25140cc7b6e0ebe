// SPDX-License-Identifier: MPL-2.0
import { copyFile, writeFile } from 'node:fs/promises';
import { addressOf, type KeaServer, RunningClient, Site, until } from '../support';

describe('the client daemon, and its files', () => {
  const site = Site.forEachTest(0);
  let kea: KeaServer;

  beforeEach(async () => {
    kea = await site.start();
  });

  it('SIGHUP: a wrong file changes nothing, another key is another client, other anchors count', async () => {
    const own = { certificate: site.path('own.pem'), privateKey: site.path('own.key') };
    const become = async (name: string): Promise<void> => {
      const { certificate, privateKey } = await site.pki.client(name);
      await copyFile(certificate, own.certificate);
      await copyFile(privateKey, own.privateKey);
    };
    await become('first.example.net');
    const anchors = site.path('anchors.pem');
    await copyFile(site.pki.anchors, anchors);
    const daemon = RunningClient.start(site.topology.client, [
      ...['--certificate', own.certificate, '--private-key', own.privateKey],
      ...['--trust-anchors', anchors, '--verbose'],
    ]);
    const first = await daemon.event('bound');

    await writeFile(own.certificate, 'nonsense');
    await daemon.signal('HUP');
    await until('the complaint', () => daemon.stderr.includes('nothing was reloaded'));
    expect(daemon.stderr).toContain(own.certificate);
    await daemon.signal('USR1');
    await daemon.event('renewed');

    await become('second.example.net');
    const count = daemon.events.length;
    // As systemd does at a reload, one right behind the other.
    await daemon.signal('HUP');
    await daemon.signal('USR1');
    expect(await daemon.event('lost')).toMatchObject({ reason: 'forgotten' });
    const second = await daemon.event('bound', count);
    expect(second.lease?.clientIdentifier).not.toBe(first.lease?.clientIdentifier);
    expect((await kea.leases()).map(({ address }) => address)).toEqual([addressOf(second)]);

    await copyFile((await site.elsewhere()).anchors, anchors);
    await daemon.signal('HUP');
    await until('the new anchors', () => daemon.stderr.match(/were reloaded/g)?.length === 2);
    await daemon.signal('USR1');
    await until('the refusal', () => /CN=dhcp\.example\.net.*issuer/.test(daemon.stderr));
    await copyFile(site.pki.anchors, anchors);
    await daemon.signal('HUP');
    const renewals = (): number => daemon.types.filter((type) => type === 'renewed').length;
    await until('a renewal', () => renewals() === 2);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(await kea.leases()).toEqual([]);
  });
});
