// SPDX-License-Identifier: MPL-2.0
import {
  addressesOn,
  CLIENT_INTERFACE,
  RunningClient,
  runOk,
  SERVER_INTERFACE,
  Site,
  until,
} from '../support';
import {
  addressOf,
  clientKeys,
  clientsOnly,
  iaidOf,
  type Lease,
  leasesOf,
  shown,
} from '../support/overheard';

describe('an anonymous client whose link goes', () => {
  const site = Site.forEachTest();

  it('takes its address off, and is somebody else on the next one, who says nothing of the first', async () => {
    const [client, server] = [await site.testbed.namespace('client'), await site.testbed.namespace('server')];
    await site.testbed.link('hub', [
      [client, CLIENT_INTERFACE],
      [server, SERVER_INTERFACE],
    ]);
    site.place({ client, server, serverSocket: SERVER_INTERFACE, relays: [] });
    const kea = await site.start();
    const cable = (state: string): Promise<string> =>
      runOk('ip', ['-n', client.name.replace(/client$/, 'hub'), 'link', 'set', 'port0', state]);
    const before = await site.capture('before');
    const daemon = RunningClient.start(client, ['--anonymous', '--trust-anchors', site.pki.anchors]);
    const lease = (number: number): Promise<Lease> =>
      until(`lease ${number}`, () => leasesOf(daemon.process)[number - 1]);

    const first = await lease(1);
    const address = String(first.addresses[0]?.items[0]?.address);
    await until('the address', async () => (await addressesOn(client)).includes(address));
    await cable('down');
    await until('its removal', async () => !(await addressesOn(client)).includes(address));
    const [seenBefore, after] = [await before.stopForDatagrams(), await site.capture('after')];
    await cable('up');
    const second = await lease(2);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    const seenAfter = await after.stopForDatagrams();

    expect(daemon.events.flatMap(({ reason }) => reason ?? [])).toEqual(['forgotten', 'released']);
    expect(second.clientIdentifier).not.toBe(first.clientIdentifier);
    // It shows no key of its own, either.
    expect(clientKeys(seenBefore)).toEqual([]);
    const marks = [first.clientIdentifier, iaidOf(first).toString('hex'), addressOf(first).toString('hex')];
    expect(clientsOnly(seenAfter).length).toBeGreaterThan(3);
    expect(marks.flatMap((mark) => shown(seenAfter, Buffer.from(mark, 'hex')))).toEqual([]);
    // No Release: the server would have recognised the client.
    expect((await kea.leases()).map((one) => one.address)).toEqual([address]);
  });
});
