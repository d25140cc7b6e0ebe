// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import {
  CLIENT_INTERFACE,
  clientSubnet,
  createTopology,
  dropCounts,
  enginePid,
  hookedKea,
  KeaServer,
  perfdhcp,
  Testbed,
  TestPki,
  until,
  type HookedKeaOptions,
  type PerfdhcpReport,
  type Topology,
} from './support';

jest.setTimeout(120_000);

/** Cleartext clients beside the hook: served or refused as the mode says, whatever the engine does. */
describe('cleartext clients', () => {
  let testbed: Testbed;
  let pki: TestPki;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function start(topology: Topology, options: Partial<HookedKeaOptions> = {}): Promise<KeaServer> {
    const credentials = await pki.server();
    return KeaServer.start(await hookedKea(testbed, topology, { pki, credentials, ...options }));
  }

  function load(topology: Topology, clients = 20): Promise<PerfdhcpReport> {
    return perfdhcp({
      namespace: topology.client,
      interface: CLIENT_INTERFACE,
      clients,
      exchanges: clients,
      rate: 100,
      lease: 'address-and-prefix',
    });
  }

  it.each([0, 1, 3])('are served in mode optional through %d relay(s)', async (relays) => {
    const topology = await createTopology(testbed, relays);
    const kea = await start(topology);
    expect((await load(topology)).requestReply).toMatchObject({ sent: 20, received: 20 });
    expect(await dropCounts(kea)).toEqual({});
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it.each(['encrypted', 'authenticated'])('are refused in mode %s', async (mode) => {
    const topology = await createTopology(testbed, 0);
    const kea = await start(topology, { parameters: { mode } });
    expect((await load(topology)).solicitAdvertise).toMatchObject({ sent: 20, received: 0 });
    expect(await dropCounts(kea)).toEqual({ 'cleartext-refused': 20 });
    expect(await kea.leases()).toEqual([]);
  });

  it("are refused where their subnet's mode says so, through a relay", async () => {
    const topology = await createTopology(testbed, 1);
    const elsewhere = { id: 2, prefix: '2001:db8:2::/64', pool: '2001:db8:2::1-2001:db8:2::ff' };
    const userContext = { encryption: { mode: 'encrypted' } };
    const subnets = [{ ...clientSubnet(topology), userContext }, elsewhere];
    const kea = await start(topology, { kea: { subnets } });
    expect((await load(topology)).solicitAdvertise).toMatchObject({ sent: 20, received: 0 });
    expect(await kea.statistic('subnet[1].encryption-drop-cleartext-refused')).toBe(20);
    expect(await kea.statistic('subnet[2].encryption-drop-cleartext-refused')).toBe(0);
  });

  it('are served where only another subnet refuses them', async () => {
    const topology = await createTopology(testbed, 1);
    const userContext = { encryption: { mode: 'authenticated' } };
    const other = { id: 2, prefix: '2001:db8:2::/64', pool: '2001:db8:2::1-2001:db8:2::ff', userContext };
    const kea = await start(topology, { kea: { subnets: [clientSubnet(topology), other] } });
    expect((await load(topology)).requestReply).toMatchObject({ sent: 20, received: 20 });
    expect(await dropCounts(kea)).toEqual({});
  });

  it('are served while the engine stands still, and after it was killed', async () => {
    const topology = await createTopology(testbed, 0);
    const kea = await start(topology);
    const first = await enginePid(kea);

    process.kill(first, 'SIGSTOP');
    expect((await load(topology)).requestReply).toMatchObject({ sent: 20, received: 20 });

    process.kill(first, 'SIGKILL');
    expect((await load(topology)).requestReply).toMatchObject({ sent: 20, received: 20 });
    const second = await until('another engine', async () => {
      const pid = await enginePid(kea);
      return pid !== first && pid;
    });
    await until(
      'the engine to be in service',
      async () => (await kea.statistic('encryption-engine-restarts')) > 0,
    );
    expect(second).not.toBe(first);
    expect(await kea.stop()).toMatchObject({ code: 0 });
    expect(() => process.kill(second, 0)).toThrow('ESRCH');
  });
});
