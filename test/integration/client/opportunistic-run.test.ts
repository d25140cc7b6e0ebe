// SPDX-License-Identifier: MPL-2.0
import { addressesOn, addressOf, type KeaOptions, KeaServer, RunningClient, Site, until } from '../support';

const warning = /WARNING: NOT ENCRYPTED/;

/** `kea-encryption client run --opportunistic` (RFC 7435). */
describe.each(['A', 'B'])('the opportunistic client daemon, solution %s', (solution) => {
  const site = Site.forEachTest(0);
  let options: KeaOptions;
  let arguments_: string[];

  beforeEach(async () => {
    options = await site.settings({ solution }, { kea: { validLifetime: 20 } });
    const more = ['--solution', solution, '--opportunistic'];
    arguments_ = await site.clientArguments(...more);
  });

  it('encrypts where a server authenticates itself, and shows nothing in clear', async () => {
    await KeaServer.start(options);
    const capture = await site.capture();
    // It finds the server in the first second, unless the machine is busy.
    const client = RunningClient.start(site.topology.client, [...arguments_, '--timeout', '60']);
    const { lease } = await client.event('bound');
    await client.signal('USR1');
    await client.event('renewed');
    await client.stop();
    expect(lease).toMatchObject({ encrypted: true });
    expect(client.stderr).not.toMatch(warning);
    const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
    const own = Buffer.from(lease?.clientIdentifier ?? '', 'hex');
    expect(own.length).toBeGreaterThan(0);
    expect(payloads.filter((payload) => payload.includes(own))).toEqual([]);
  });

  it('continues in clear if there is nothing else, and encrypts as soon as a server can', async () => {
    const kea = await KeaServer.start({ ...options, hooks: [] });
    const client = RunningClient.start(site.topology.client, [...arguments_, '--timeout', '2']);
    const clear = await client.event('bound');
    expect(clear.lease).toMatchObject({ encrypted: false });
    expect(client.stderr).toMatch(warning);
    await until('the address', async () =>
      (await addressesOn(site.topology.client)).includes(addressOf(clear)),
    );

    await kea.configure(options);
    expect(await kea.reload()).toMatchObject({ result: 0 });
    const encrypted = await until('an encrypted lease', () =>
      client.events.find(({ type, lease }) => type === 'bound' && lease?.encrypted === true),
    );
    expect(client.events).toContainEqual(
      expect.objectContaining({ type: 'problem', code: 'encryption-available' }),
    );
    expect(encrypted.lease?.clientIdentifier).not.toBe(clear.lease?.clientIdentifier);
    await until('the other address', async () => {
      const addresses = await addressesOn(site.topology.client);
      return addresses.includes(addressOf(encrypted)) && !addresses.includes(addressOf(clear));
    });
    expect(await client.stop()).toEqual({ code: 0, signal: null });
  });
});
