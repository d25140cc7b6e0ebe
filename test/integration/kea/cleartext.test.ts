// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import {
  clientSubnet,
  dropCounts,
  enginePid,
  perfdhcp,
  Site,
  unsanitized,
  until,
  type PerfdhcpReport,
} from '../support';

/** Cleartext clients beside the hook: served or refused as the mode says, whatever the engine does. */
describe('cleartext clients', () => {
  const site = Site.forEachTest();

  function load(isLossy = false): Promise<PerfdhcpReport> {
    return perfdhcp({
      namespace: site.topology.client,
      clients: 20,
      exchanges: 20,
      lease: 'address-and-prefix',
      isLossy,
    });
  }

  it.each(unsanitized.rows([0, 3], [1]))(
    'are served in mode optional through %d relay(s)',
    async (relays) => {
      await site.connect(relays);
      const kea = await site.start();
      expect((await load()).requestReply).toMatchObject({ sent: 20, received: 20 });
      expect(await dropCounts(kea)).toEqual({});
      expect(await kea.stop()).toMatchObject({ code: 0 });
    },
  );

  it.each(['encrypted', 'authenticated'])('are refused in mode %s', async (mode) => {
    await site.connect(0);
    const kea = await site.start({ mode });
    const { sent, received } = (await load(true)).solicitAdvertise;
    expect(sent).toBeGreaterThanOrEqual(20);
    expect(received).toBe(0);
    await until('all to be counted', async () => (await dropCounts(kea))['cleartext-refused'] === sent);
    expect(await dropCounts(kea)).toEqual({ 'cleartext-refused': sent });
    expect(await kea.leases()).toEqual([]);
  });

  it("are refused where their subnet's mode says so, through a relay", async () => {
    const topology = await site.connect(1);
    const elsewhere = { id: 2, prefix: '2001:db8:2::/64', pool: '2001:db8:2::1-2001:db8:2::ff' };
    const userContext = { encryption: { mode: 'encrypted' } };
    const subnets = [{ ...clientSubnet(topology), userContext }, elsewhere];
    const kea = await site.start({}, { kea: { subnets } });
    const { sent, received } = (await load(true)).solicitAdvertise;
    expect(sent).toBeGreaterThanOrEqual(20);
    expect(received).toBe(0);
    const refused = 'subnet[1].encryption-drop-cleartext-refused';
    expect(await until('all to be counted', async () => (await kea.statistic(refused)) === sent)).toBe(true);
    expect(await kea.statistic('subnet[2].encryption-drop-cleartext-refused')).toBe(0);
  });

  it('are served where only another subnet refuses them', async () => {
    const topology = await site.connect(1);
    const userContext = { encryption: { mode: 'authenticated' } };
    const other = { id: 2, prefix: '2001:db8:2::/64', pool: '2001:db8:2::1-2001:db8:2::ff', userContext };
    const kea = await site.start({}, { kea: { subnets: [clientSubnet(topology), other] } });
    expect((await load()).requestReply).toMatchObject({ sent: 20, received: 20 });
    expect(await dropCounts(kea)).toEqual({});
  });

  it('are served while the engine stands still, and after it was killed', async () => {
    await site.connect(0);
    const kea = await site.start();
    const first = await enginePid(kea);

    process.kill(first, 'SIGSTOP');
    expect((await load()).requestReply).toMatchObject({ sent: 20, received: 20 });

    process.kill(first, 'SIGKILL');
    expect((await load()).requestReply).toMatchObject({ sent: 20, received: 20 });
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
