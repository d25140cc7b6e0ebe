// SPDX-License-Identifier: MPL-2.0
import {
  dropCounts,
  pause,
  Site,
  SteadyClient,
  until,
  untilDropped,
  type KeaObject,
  type KeaServer,
} from './support';

const COUNT = 3;
/** Seconds; far longer than a test takes. */
const WINDOW = 600;

/** Sources that fail again and again are ignored for a while (docs/protocol.md 7), and nobody else with them. */
describe('the blocklist', () => {
  const site = Site.forEachTest(1);
  let clients = 0;

  function start(blocklist: KeaObject): Promise<KeaServer> {
    const parameters = { blocklist, engine: { workers: 1 } };
    return site.start(parameters);
  }

  /** A client with an address and a certificate of its own, behind the same relay as the others. */
  async function newClient(): Promise<SteadyClient> {
    clients += 1;
    const credentials = await site.pki.client(`client${clients}.example.net`);
    return SteadyClient.start(site.testbed, site.topology, { credentials, number: clients });
  }

  /** Has the client fail so often, and waits until the server has found that out. */
  async function fail(kea: KeaServer, client: SteadyClient, times: number): Promise<void> {
    for (let n = 1; n <= times; n += 1) {
      await client.take('forge');
      await until(`failure ${n}`, async () => (await dropCounts(kea))['signature-fail'] === n);
    }
  }

  it('hits the source that failed, not its neighbour behind the same relay', async () => {
    const kea = await start({ count: COUNT, window: WINDOW, duration: WINDOW });
    const [bad, neighbour] = [await newClient(), await newClient()];
    await fail(kea, bad, COUNT);
    expect(await dropCounts(kea)).toEqual({ 'signature-fail': COUNT });
    expect(await bad.take('authenticate')).toMatchObject({ served: false });
    await untilDropped(kea, 'blocklisted');
    expect(await dropCounts(kea)).toEqual({ 'signature-fail': COUNT, blocklisted: 1 });
    for (const step of ['authenticate', 'lease', 'renew', 'reopen'] as const) {
      expect(await neighbour.served(step)).toMatchObject({ served: true });
    }
  });

  it('never keeps a blocked source from its open context, and does from opening another', async () => {
    const kea = await start({ count: COUNT, window: WINDOW, duration: WINDOW });
    const client = await newClient();
    expect(await client.served('authenticate')).toMatchObject({ served: true });
    expect(await client.served('lease')).toMatchObject({ served: true });
    // Anybody on the link can fail in its name.
    await fail(kea, client, COUNT);
    for (let n = 0; n < 5; n += 1) {
      expect(await client.served('renew')).toMatchObject({ served: true });
    }
    expect(await client.take('reopen')).toMatchObject({ served: false });
    expect(await client.take('authenticate')).toMatchObject({ served: false });
    expect(await untilDropped(kea, 'blocklisted', 2)).toBe(2);
  });

  it('lets the source in again when its time is over', async () => {
    const kea = await start({ count: COUNT, window: WINDOW, duration: 1 });
    const client = await newClient();
    await fail(kea, client, COUNT);
    await pause(1000);
    expect(await client.served('authenticate')).toMatchObject({ served: true });
  });

  it('is off with count 0', async () => {
    const kea = await start({ count: 0, window: WINDOW, duration: WINDOW });
    const client = await newClient();
    await fail(kea, client, 12);
    expect(await client.served('authenticate')).toMatchObject({ served: true });
    expect(await dropCounts(kea)).toEqual({ 'signature-fail': 12 });
  });
});
