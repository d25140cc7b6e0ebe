// SPDX-License-Identifier: MPL-2.0
import { addressesOn, leapingEnvironment, RunningClient, Site, tree } from '../support';

/** Less than what the clocks leap, and more than the least that RFC 8415 section 21.23 allows. */
const refreshTime = 650;

/** `kea-encryption client run --no-address`: Information-requests only (RFC 8415 section 18.2.6). */
describe.each(['A', 'B'])('the client that asks for information only, solution %s', (solution) => {
  const site = Site.forEachTest(0);

  it('asks again when its information is too old, and at SIGUSR1, and leases nothing', async () => {
    const options = [
      { name: 'dns-servers', data: '2001:db8::53' },
      { name: 'information-refresh-time', data: String(refreshTime) },
    ];
    const kea = { more: { 'option-data': options } };
    const server = await site.start({ solution, mode: 'encrypted' }, { kea });
    const leaseFile = site.path('lease.json');
    const more = ['--no-address', '--solution', solution, '--lease-file', leaseFile];
    const client = RunningClient.start(
      site.topology.client,
      await site.clientArguments(...more),
      await leapingEnvironment(site.testbed),
    );

    expect(await client.event('informed')).toMatchObject({
      lease: {
        encrypted: true,
        addresses: [],
        prefixes: [],
        configuration: { dnsServers: ['2001:db8::53'], informationRefreshTime: refreshTime },
      },
    });
    const status = [tree.cli, 'client', 'status', '--lease-file', leaseFile, '--json'];
    const { code, stdout } = await site.topology.client.runTree(process.execPath, status);
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as { lease: { t1: number; obtained: number } };
    expect(told).toMatchObject({ state: 'informed', usable: true });
    expect(told.lease.t1 - told.lease.obtained).toBe(refreshTime * 1000);

    await client.signal('HUP');
    await client.event('informed', 2);
    await client.signal('USR1');
    await client.event('informed', 3);
    expect(client.types).toEqual(['started', 'informed', 'informed', 'informed']);
    expect(await addressesOn(site.topology.client)).toBe('');
    expect(await server.leases()).toEqual([]);
    expect(await client.stop()).toEqual({ code: 0, signal: null });
    expect(client.types.slice(4)).toEqual(['lost', 'stopped']);
  });
});
