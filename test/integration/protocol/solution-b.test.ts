// SPDX-License-Identifier: MPL-2.0
import type { IssuedKeyType } from '../../../src/pki';
import {
  branchSubnet,
  clientSubnet,
  dropCounts,
  dropsSince,
  encryptedClient,
  exchangeOk,
  iaidOctets,
  innerTypesOf,
  leaseOk,
  leaseSecrets,
  perfdhcp,
  showing,
  Site,
  totalDrops,
  undueDrops,
  until,
  untilDropped,
  type Drops,
  type EncryptedClientOptions,
  type IssueOptions,
  type KeaLease,
  type KeaObject,
  type KeaServer,
  type SiteServerOptions,
} from '../support';

const HOST_NAME = 'secret-host.example.net';
const OWN_DUID = '00030001a1b2c3d4e5f6';
const SOLICIT = 1;
const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;

/** The credential is in the Solicit, the rest of the exchange is encrypted (docs/protocol.md 5). */
describe('solution B', () => {
  const site = Site.forEachTest();

  function start(parameters: KeaObject = {}, options: SiteServerOptions = {}): Promise<KeaServer> {
    return site.start({ solution: 'B', ...parameters }, options);
  }

  function client(more: readonly string[] = [], issue?: IssueOptions): Promise<EncryptedClientOptions> {
    const options = { name: 'c1.example.net', more: ['--solution', 'B', ...more] };
    return site.client({ ...options, ...(issue !== undefined && { issue }) });
  }

  function expectNowhere(payloads: readonly Buffer[], leases: readonly KeaLease[]): void {
    expect(showing(payloads, [Buffer.from('secret-host'), ...leaseSecrets(leases)])).toEqual([]);
  }

  const exchanges: readonly (readonly [number, IssuedKeyType, IssuedKeyType, readonly string[]])[] = [
    [0, 'RSA-2048', 'P-384', []],
    [3, 'P-384', 'P-256', ['--public-certificate']],
    [1, 'P-256', 'RSA-2048', ['--duid', OWN_DUID]],
  ];
  it.each(exchanges)('serves every exchange through %d relay(s): %s client, %s server', async (...row) => {
    const [relays, clientKey, serverKey, own] = row;
    const isPublic = own.includes('--public-certificate');
    await site.connect(relays);
    const kea = await start({ mode: 'authenticated' }, { issue: { keyType: serverKey } });
    const more = ['--prefix', '--fqdn', HOST_NAME, ...own];
    const options = await client(more, { keyType: clientKey });
    const capture = await site.capture();

    const lease = await leaseOk('lease', options);

    const leases = await kea.leases();
    expect(leases.map(({ type }) => type).sort()).toEqual(['IA_NA', 'IA_PD']);
    expect(new Set(leases.map((one) => one.duid))).toEqual(new Set([lease.clientIdentifier]));
    expect(lease.clientIdentifier).toMatch(
      own.includes(OWN_DUID) ? new RegExp(`^${OWN_DUID}$`) : /^0004.{12}8/,
    );
    const address = lease.addresses[0]?.address;
    const same = { addresses: [{ address }], prefixes: [{ prefix: lease.prefixes[0]?.prefix }] };
    expect(await leaseOk('renew', options)).toMatchObject(same);
    expect(await leaseOk('rebind', options)).toMatchObject(same);
    expect(await exchangeOk('confirm', options)).toMatchObject({ onLink: true });
    expect(await exchangeOk('information-request', options)).toMatchObject({ addresses: [] });
    expect(await exchangeOk('release', options)).toMatchObject({ acknowledged: true });
    expect(await kea.leases()).toEqual([]);

    const payloads = await capture.stopForPayloads();
    expect(innerTypesOf(payloads)).toEqual([SOLICIT, ENCRYPTED_QUERY, ENCRYPTED_RESPONSE]);
    expectNowhere(payloads, leases);
    // The IAID of a Solicit is random: one that shows the certificate is of the lease, a private client's is of nothing.
    const iaid = iaidOctets(lease.addresses[0]?.iaid ?? 0);
    expect(innerTypesOf(showing(payloads, [iaid]))).toEqual(isPublic ? [SOLICIT] : []);
    expect(await undueDrops(kea)).toEqual({});
  });

  it.each([0, 3])('leases in two messages with rapid commit through %d relay(s)', async (relays) => {
    const topology = await site.connect(relays);
    const subnets = [{ ...clientSubnet(topology), more: { 'rapid-commit': true } }];
    const kea = await start({ mode: 'encrypted' }, { kea: { subnets } });
    const capture = await site.capture();

    const options = await client(['--public-certificate', '--rapid-commit']);
    const lease = await leaseOk('lease', options);

    const leases = await kea.leases();
    expect(leases).toMatchObject([
      { address: lease.addresses[0]?.address, duid: lease.clientIdentifier, type: 'IA_NA' },
    ]);
    const payloads = await capture.stopForPayloads();
    expect(innerTypesOf(payloads)).toEqual([SOLICIT, ENCRYPTED_RESPONSE]);
    expectNowhere(payloads, leases);

    // Who looks for its server again asks for no second lease.
    const another = { ...options, more: [...(options.more ?? []), '--iaid', '7'] };
    await exchangeOk('confirm', another);
    await leaseOk('rebind', another);
    expect((await kea.leases()).map(({ address }) => address)).toEqual([lease.addresses[0]?.address]);
  });

  describe('treats a plain Solicit', () => {
    const modes = ['off', 'optional', 'encrypted', 'authenticated'] as const;
    const links = Site.forAllTests();
    let kea: KeaServer;

    beforeAll(async () => {
      await links.connectBranches(modes.map(() => 0));
      const subnets = modes.map((mode, index) => ({
        ...branchSubnet(links.link(index), index),
        userContext: { encryption: { mode } },
      }));
      kea = await links.start({ solution: 'B' }, { kea: { subnets } });
    });

    it.each([
      ['off', 5, undefined],
      ['optional', 5, undefined],
      ['encrypted', 0, 'cleartext-refused'],
      ['authenticated', 0, 'cleartext-refused'],
    ] as const)("as the subnet's mode %s says", async (mode, received, reason) => {
      const before = await dropCounts(kea);
      const report = await perfdhcp({
        namespace: links.link(modes.indexOf(mode)).client,
        clients: 5,
        exchanges: 5,
        isLossy: received === 0,
      });
      const { sent } = report.solicitAdvertise;
      expect(sent).toBeGreaterThanOrEqual(5);
      expect(report.solicitAdvertise).toMatchObject({ received });
      const drops = reason === undefined ? {} : { [reason]: sent };
      const risen = async (): Promise<Drops> => dropsSince(before, await dropCounts(kea));
      await until('all to be counted', async () => totalDrops(await risen()) === totalDrops(drops));
      expect(await risen()).toEqual(drops);
    });
  });

  it.each([
    ['B', 'A'],
    ['A', 'B'],
  ])('a server of solution %s drops and counts messages of solution %s', async (serverSide, clientSide) => {
    await site.connect(0);
    const kea = await start({ solution: serverSide });
    const options = await client(['--solution', clientSide, '--timeout', '2']);
    expect(await encryptedClient('lease', options)).toMatchObject({ code: 3, stdout: '' });
    expect(await untilDropped(kea, 'solution-mismatch')).toBeGreaterThan(0);
    expect(await kea.leases()).toEqual([]);
  });
});
