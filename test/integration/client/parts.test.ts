// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import {
  addressesOn,
  addressOf,
  CLIENT_INTERFACE,
  clientSubnet,
  exchangeOk,
  KeaServer,
  leaseOk,
  prefixOf,
  RunningClient,
  Site,
  until,
} from '../support';

/** RFC 8415 section 18.2: an address and a prefix of one client, and what becomes of one without the other. */
describe('a part of a lease', () => {
  const site = Site.forEachTest(0);

  /** Of one client, which may be started again. */
  const ownArguments = (...more: string[]): Promise<string[]> =>
    site.clientArguments('--lease-file', site.path('lease.json'), ...more);
  const start = (own: readonly string[]): RunningClient => RunningClient.start(site.topology.client, own);

  it('the prefix stays as it is when the address is declined, after a restart with another IAID, too', async () => {
    const kea = await site.start({ solution: 'B' });
    const own = await ownArguments('--solution', 'B', '--prefix', '--no-release');
    const first = start(own);
    const bound = await first.event('bound');
    await first.stop();

    const { client, server, serverSocket } = site.topology;
    await client.runOk('ip', ['-6', 'address', 'flush', 'dev', CLIENT_INTERFACE, 'scope', 'global']);
    await client.writeSysctl(`net/ipv6/conf/${CLIENT_INTERFACE}/accept_dad`, '1');
    await server.addAddress(serverSocket, addressOf(bound));
    const second = start(own);
    expect(await second.event('lost')).toMatchObject({ reason: 'declined' });
    const renewed = await second.event('renewed');
    expect(prefixOf(renewed)).toBe(prefixOf(bound));
    expect(addressOf(renewed)).not.toBe(addressOf(bound));
    const delegated = (await kea.leases()).filter(({ type }) => type === 'IA_PD');
    expect(delegated.map(({ address }) => address)).toEqual([prefixOf(bound).replace('/56', '')]);
    await second.stop();
  });

  it('the prefix is still there to be released when the addresses have been declined', async () => {
    const kea = await site.start();
    const options = await site.client({ more: ['--prefix'] });
    const { prefixes, addresses } = await leaseOk('lease', options);
    await exchangeOk('decline', options);
    const { lease } = (await exchangeOk('status', options)) as { readonly lease: object };
    expect(lease).toMatchObject({ addresses: [], prefixes: prefixes.map(({ prefix }) => ({ prefix })) });
    await exchangeOk('release', options);
    expect((await kea.leases()).map(({ address }) => address)).toEqual(
      addresses.map(({ address }) => address),
    );
    expect(existsSync(options.leaseFile!)).toBe(false);
  });

  it('Kea has prefixes no more: the client uses its own no longer, asks on, and gets one when there are some', async () => {
    const settings = await site.settings();
    const kea = await KeaServer.start(settings);
    const client = start(await ownArguments('--prefix'));
    const bound = await client.event('bound');
    const { delegated: _, ...addressesOnly } = clientSubnet(site.topology);
    const afterRenewal = async (subnet: typeof addressesOnly): Promise<(string | undefined)[]> => {
      await kea.configure({ ...settings, subnets: [subnet] });
      expect((await kea.reload()).result).toBe(0);
      const count = client.events.length;
      await client.signal('USR1');
      const renewed = await client.event('renewed', count);
      return [addressOf(renewed), prefixOf(renewed)];
    };
    expect(await afterRenewal(addressesOnly)).toEqual([addressOf(bound), '']);
    expect(await afterRenewal(clientSubnet(site.topology))).toEqual([
      addressOf(bound),
      expect.stringMatching(/\/56$/),
    ]);
    await client.stop();
  });

  it('what is confirmed goes back on the interface with the time that is left of it', async () => {
    await site.start();
    const client = start(await ownArguments());
    await client.event('bound');
    const secondsLeft = async (): Promise<number> =>
      Number(/valid_lft (\d+)sec/.exec(await addressesOn(site.topology.client))?.[1] ?? Infinity);
    const before = await until('two seconds to be gone', async () => {
      const seconds = await secondsLeft();
      return seconds <= 3598 && seconds;
    });
    for (const state of ['down', 'up']) {
      const count = client.events.length;
      await site.topology.client.runOk('ip', ['link', 'set', CLIENT_INTERFACE, state]);
      await client.event('link', count);
    }
    await client.event('confirmed');
    const after = await until('the address', async () => {
      const seconds = await secondsLeft();
      return seconds !== Infinity && seconds;
    });
    expect(after).toBeLessThanOrEqual(before);
    await client.stop();
  });
});
