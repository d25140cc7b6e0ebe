// SPDX-License-Identifier: MPL-2.0
import { defaultCodePoints, encodeEncryptedRequest, KemId } from '../../../src/protocol';
import { newTransaction, timestamp } from '../attacks/support/forge';
import { member } from '../attacks/support/signers';
import { Wire } from '../attacks/support/wire';
import {
  addressOf,
  CLIENT_INTERFACE,
  dropCounts,
  pause,
  RunningClient,
  Site,
  SteadyClient,
  until,
  untilDropped,
  type KeaObject,
  type KeaServer,
} from '../support';

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

  it('does not keep a client that runs on from renewing its lease and giving it back', async () => {
    const kea = await start({ count: COUNT, window: WINDOW, duration: WINDOW });
    const { topology, testbed, pki } = site;
    const client = RunningClient.start(topology.client, await site.clientArguments());
    const address = addressOf(await client.event('bound'));
    const wire = await Wire.open(testbed, topology.client);
    const stranger = wire.at(await topology.client.waitForLinkLocal(CLIENT_INTERFACE), 5460);
    for (let n = 1; n <= COUNT; n += 1) {
      const signer = await member(pki.authority);
      const request = { transactionId: newTransaction(), kemList: [KemId.X25519] };
      const forged = encodeEncryptedRequest(defaultCodePoints, request, { signer, timestamp: timestamp() });
      forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
      await wire.send([forged], stranger);
      await untilDropped(kea, 'signature-fail', n);
    }
    expect(await kea.command('encryption-blocklist-list', {})).toMatchObject({
      arguments: { sources: [{ address: stranger.address }] },
    });
    await client.signal('USR1');
    expect(addressOf(await client.event('renewed'))).toBe(address);
    expect((await kea.leases()).map((lease) => lease.address)).toEqual([address]);
    expect(await client.stop()).toEqual({ code: 0, signal: null });
    expect(await kea.leases()).toEqual([]);
    // It has not even asked to be authenticated again.
    expect(await dropCounts(kea)).toEqual({ 'signature-fail': COUNT });
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
