// SPDX-License-Identifier: MPL-2.0
import {
  clientSubnet,
  encryptedClient,
  exchangeOk,
  perfdhcp,
  Site,
  until,
  untilDropped,
  type EncryptedClientOptions,
  type KeaObject,
  type KeaServer,
} from '../support';

const OFFICE = '2001:db8:1::a:';
const GARDEN = '2001:db8:1::b:';

/** The classes that the hook sets, in the examples of docs/classes-and-reservations.md. */
describe('client classes', () => {
  const site = Site.forEachTest(0);
  let client: EncryptedClientOptions;

  beforeEach(async () => {
    client = await site.client();
  });

  async function start(classes: readonly KeaObject[], subnet: KeaObject): Promise<KeaServer> {
    const kea = {
      subnets: [{ ...clientSubnet(site.topology), more: subnet }],
      more: { 'client-classes': classes },
    };
    return site.start({}, { kea });
  }

  async function addressInClear(kea: KeaServer): Promise<string> {
    const before = (await kea.leases()).map(({ address }) => address);
    // It may end before the answer to its last message has come.
    await perfdhcp({ namespace: site.topology.client, clients: 1, exchanges: 1 });
    return until('a lease in clear', async () =>
      (await kea.leases()).map(({ address }) => address).find((address) => !before.includes(address)),
    );
  }

  const walledGarden: readonly KeaObject[] = [
    { name: 'AUTHENTICATED' },
    { name: 'walled-garden', test: "not member('AUTHENTICATED')" },
  ];
  const pools = [
    { pool: `${OFFICE}0-${OFFICE}ffff`, 'client-class': 'AUTHENTICATED' },
    { pool: `${GARDEN}0-${GARDEN}ffff`, 'client-class': 'walled-garden' },
  ];

  it('keep clients that have shown no certificate in a walled garden', async () => {
    const kea = await start(walledGarden, { pools });
    expect(await exchangeOk('lease', client)).toMatchObject({
      addresses: [{ address: expect.stringMatching(/^2001:db8:1::a:/) }],
    });
    const credentials = await site.pki.client('bare');
    expect(await exchangeOk('lease', { ...client, credentials, bareKey: true })).toMatchObject({
      addresses: [{ address: expect.stringMatching(/^2001:db8:1::b:/) }],
    });
    expect(await addressInClear(kea)).toMatch(/^2001:db8:1::b:/);
  });

  it('tell bare keys from cleartext', async () => {
    const kea = await start([{ name: 'ENCRYPTED' }, { name: 'clear', test: "not member('ENCRYPTED')" }], {
      pools: [
        { pool: `${OFFICE}0-${OFFICE}ffff`, 'client-class': 'OPPORTUNISTIC' },
        { pool: `${GARDEN}0-${GARDEN}ffff`, 'client-class': 'clear' },
      ],
    });
    expect(await exchangeOk('lease', { ...client, bareKey: true })).toMatchObject({
      addresses: [{ address: expect.stringMatching(/^2001:db8:1::a:/) }],
    });
    expect(await addressInClear(kea)).toMatch(/^2001:db8:1::b:/);
  });

  it('give an option to authenticated clients only', async () => {
    const option = [{ name: 'dns-servers', data: '2001:db8:53::1' }];
    await start([{ name: 'AUTHENTICATED', 'option-data': option }], {});
    expect(await exchangeOk('lease', client)).toMatchObject({ dnsServers: ['2001:db8:53::1'] });
    const credentials = await site.pki.client('bare');
    expect(await exchangeOk('lease', { ...client, credentials, bareKey: true })).toMatchObject({
      dnsServers: [],
    });
  });

  /** Kea takes the first subnet of a link that is open to a client's classes, which it tells by what is inside. */
  describe('that guard the subnets of a link', () => {
    const bareKey = async (name: string): Promise<EncryptedClientOptions> =>
      site.client({ name, bareKey: true });

    async function startWith(subnets: readonly KeaObject[]): Promise<KeaServer> {
      const { interface: name } = clientSubnet(site.topology);
      const subnet6 = subnets.map((subnet, at) => ({
        id: at + 1,
        subnet: `2001:db8:${at + 1}::/64`,
        pools: [{ pool: `2001:db8:${at + 1}::a:0-2001:db8:${at + 1}::a:ffff` }],
        interface: name,
        ...subnet,
      }));
      return site.start({}, { kea: { subnets: [], more: { 'client-classes': walledGarden, subnet6 } } });
    }
    const mode = (value: string): KeaObject => ({ 'user-context': { encryption: { mode: value } } });

    it('lead bare keys to a subnet of their own, past one that is stricter', async () => {
      await startWith([
        { 'client-class': 'walled-garden', ...mode('optional') },
        { 'client-class': 'AUTHENTICATED', ...mode('authenticated') },
      ]);
      expect(await exchangeOk('lease', await bareKey('bare'))).toMatchObject({
        addresses: [{ address: expect.stringMatching(/^2001:db8:1::a:/) }],
      });
      expect(await exchangeOk('lease', client)).toMatchObject({
        addresses: [{ address: expect.stringMatching(/^2001:db8:2::a:/) }],
      });
    });

    it('lead certificates to a subnet of their own, and nobody encrypted to one whose mode is off', async () => {
      const kea = await startWith([{ 'client-class': 'AUTHENTICATED', ...mode('optional') }, mode('off')]);
      expect(await exchangeOk('lease', client)).toMatchObject({
        addresses: [{ address: expect.stringMatching(/^2001:db8:1::a:/) }],
      });
      expect(await addressInClear(kea)).toMatch(/^2001:db8:2::a:/);
      const refused = { ...(await bareKey('bare')), more: ['--timeout', '2'] };
      expect(await encryptedClient('lease', refused)).not.toMatchObject({ code: 0 });
      expect(await untilDropped(kea, 'mode-off')).toBeGreaterThan(0);
    });
  });
});
