// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OptionCode } from '../../../src/dhcpv6';
import {
  addressesOn,
  addressOf,
  CLIENT_INTERFACE,
  clientSubnet,
  type KeaObject,
  KeaServer,
  prefixOf,
  RunningClient,
  Site,
  tree,
  until,
} from '../support';

const infinity = 0xffffffff;

/** Gets a lease and prints the servers' maxima that the client has learnt, which no command shows. */
const LEARN = `
const [dist, interfaceName, certificate, privateKey, anchor, solution] = process.argv.slice(1);
const { DhcpClient, MaxRt, openUdpTransport, systemEnvironment } = require(dist + '/client');
const { loadIdentity, loadTrustStore } = require(dist + '/pki');
const identity = loadIdentity({ certificate, privateKey, purpose: 'client', now: Date.now() });
const leaseRequest = { iaid: 1, address: true, prefix: false, rapidCommit: false, fqdn: undefined };
const maxRt = new MaxRt();
void (async () => {
  const transport = await openUdpTransport({ interfaceName, addressTimeout: 10_000 });
  const client = new DhcpClient({
    solution, transport, maxRt, environment: systemEnvironment, patience: 30_000, notice: () => undefined,
    signer: { key: identity.privateKey, chain: identity.chain },
    trust: { store: loadTrustStore({ anchors: [anchor], intermediates: [], crls: [] }) },
    leaseRequest: { ...leaseRequest, clientIdentifier: Buffer.from('00030001a1b2c3d4e5f6', 'hex') },
  });
  await client.obtain();
  await transport.close();
  console.log(JSON.stringify(maxRt));
})();
`;

/** `kea-encryption client run`: what it may ask for, and what a server may give. */
describe('the leases of the client daemon', () => {
  const site = Site.forEachTest(0);

  async function start(...more: string[]): Promise<RunningClient> {
    return RunningClient.start(site.topology.client, await site.clientArguments(...more));
  }

  it.each(['A', 'B'])(
    'solution %s: an address, a prefix, or both, got, renewed and released',
    async (solution) => {
      const kea = await site.start({ solution, mode: 'encrypted' });
      for (const [more, types] of [
        [[], ['IA_NA']],
        [['--no-address', '--prefix'], ['IA_PD']],
        [['--prefix'], ['IA_NA', 'IA_PD']],
      ] as const) {
        const client = await start('--solution', solution, ...more);
        const bound = await client.event('bound');
        expect(bound.lease).toMatchObject({ encrypted: true });
        expect([addressOf(bound) !== '', prefixOf(bound) !== '']).toEqual([
          types.some((type) => type === 'IA_NA'),
          types.some((type) => type === 'IA_PD'),
        ]);
        expect((await kea.leases()).map(({ type }) => type).sort()).toEqual(types);
        await client.signal('USR1');
        const renewed = await client.event('renewed');
        expect([addressOf(renewed), prefixOf(renewed)]).toEqual([addressOf(bound), prefixOf(bound)]);
        expect(await client.stop()).toEqual({ code: 0, signal: null });
        await until('the leases to be given back', async () => (await kea.leases()).length === 0);
      }
    },
  );

  it.each([
    ['A', 61, 86_400, { solicit: 61, informationRequest: 86_400 }],
    ['B', 86_400, 61, { solicit: 86_400, informationRequest: 61 }],
    ['A', 59, 86_401, { solicit: 3600, informationRequest: 3600 }],
  ])('solution %s: SOL_MAX_RT %d and INF_MAX_RT %d count where they may (21.24, 21.25)', async (...row) => {
    const [solution, solicit, information, learnt] = row;
    // By code and as octets: not every Kea knows their names, and one that does refuses what is out of range.
    const option = (code: number, seconds: number): KeaObject => ({
      code,
      'csv-format': false,
      data: seconds.toString(16).padStart(8, '0'),
    });
    const maxima = [option(OptionCode.SolMaxRt, solicit), option(OptionCode.InfMaxRt, information)];
    await site.start({ solution }, { kea: { more: { 'option-data': maxima } } });
    const { certificate, privateKey } = await site.pki.client();
    const files = [certificate, privateKey, site.pki.anchors];
    const said = await site.topology.client.runTree(process.execPath, [
      ...['-e', LEARN, dirname(dirname(tree.cli)), CLIENT_INTERFACE, ...files, solution],
    ]);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(said.stdout)).toEqual(learnt);
  });

  it('an infinite lifetime is for ever on the interface, and is never renewed by itself', async () => {
    const timers = { 'renew-timer': infinity, 'rebind-timer': infinity, 'preferred-lifetime': infinity };
    await site.start({}, { kea: { validLifetime: infinity, more: timers } });
    const client = await start();
    const address = addressOf(await client.event('bound'));
    await until('the address', async () => (await addressesOn(site.topology.client)).includes(address));
    expect(await addressesOn(site.topology.client)).toMatch(/valid_lft forever preferred_lft forever/);
    await client.signal('USR1');
    expect(addressOf(await client.event('renewed'))).toBe(address);
    expect(await addressesOn(site.topology.client)).toMatch(/valid_lft forever preferred_lft forever/);
  });

  it('an address that the server ends with a lifetime of 0 goes, and the one in its place comes', async () => {
    const options = await site.settings();
    const kea = await KeaServer.start(options);
    const client = await start();
    const bound = await client.event('bound');
    const reserved = '2001:db8:1::77';
    const reservation = { duid: bound.lease?.clientIdentifier, 'ip-addresses': [reserved] };
    await kea.configure({
      ...options,
      subnets: [{ ...clientSubnet(site.topology), more: { reservations: [reservation] } }],
    });
    expect((await kea.reload()).result).toBe(0);
    await client.signal('USR1');
    const renewed = await client.event('renewed');
    expect(renewed.lease?.addresses).toMatchObject([{ items: [{ address: reserved }] }]);
    expect(renewed.lease?.addresses[0]?.items).toHaveLength(1);
    await until('the new address', async () => (await addressesOn(site.topology.client)).includes(reserved));
    expect(await addressesOn(site.topology.client)).not.toContain(addressOf(bound));
  });

  it('--dry-run --json prints the lease and changes nothing on the host', async () => {
    const kea = await site.start();
    const touched = site.path('touched');
    const script = site.path('script.sh');
    await writeFile(script, `#!/bin/sh\ntouch ${touched}\n`, { mode: 0o755 });
    const host = async (): Promise<string> =>
      (await site.topology.client.runOk('ip', ['address', 'show'])) +
      (await site.topology.client.runOk('ip', ['-6', 'route', 'show', 'table', 'all']));
    const before = await host();
    const client = await start('--dry-run', '--prefix', '--downstream', 'lo/1', '--script', script);
    const bound = await client.event('bound');
    expect(prefixOf(bound)).toMatch(/\/56$/);
    expect(await kea.leases()).toHaveLength(2);
    await client.signal('USR1');
    await client.event('renewed');
    expect(await host()).toBe(before);
    await client.stop();
    expect(client.types).toEqual(['started', 'bound', 'renewed', 'lost', 'stopped']);
    expect(client.stderr).toBe('');
    expect(await host()).toBe(before);
    expect(existsSync(touched)).toBe(false);
    await until('the leases to be given back', async () => (await kea.leases()).length === 0);
  });
});
