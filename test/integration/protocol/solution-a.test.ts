// SPDX-License-Identifier: MPL-2.0
import { InterfaceIdOption, OptionCode, readOption, unwrapRelay } from '../../../src/dhcpv6';
import {
  branchSubnet,
  Capture,
  clientSubnet,
  exchangeOk,
  iaidOctets,
  leaseOk,
  leaseSecrets,
  perfdhcp,
  SERVER_INTERFACE,
  SERVER_NAME,
  showing,
  Site,
  undueDrops,
  until,
  type EncryptedClientOptions,
  type KeaLease,
  type KeaObject,
  type KeaServer,
  type SiteServerOptions,
} from '../support';

const HOST_NAME = 'secret-host.example.net';
/** Octets that turn up nowhere by chance. */
const IAID = 0x5ec2e71d;
const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;
const ENCRYPTED_REQUEST = 253;
const ENCRYPTED_REPLY = 254;
const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;

/** The credentials go in an Encrypted-Request, everything else is encrypted (docs/protocol.md 5). */
describe('solution A', () => {
  const site = Site.forEachTest();

  function start(options: SiteServerOptions & { readonly parameters?: KeaObject } = {}): Promise<KeaServer> {
    return site.start(options.parameters ?? { mode: 'encrypted' }, options);
  }

  function client(more: readonly string[] = [], name = 'c1.example.net'): Promise<EncryptedClientOptions> {
    return site.client({ name, more: ['--iaid', String(IAID), '--fqdn', HOST_NAME, ...more] });
  }

  function typeOf(payload: Buffer): number {
    return unwrapRelay(payload).message.readUInt8(0);
  }

  function types(payloads: readonly Buffer[]): number[] {
    return [...new Set(payloads.map(typeOf))].sort((a, b) => a - b);
  }

  /** Neither DUID, IAID, host name, addresses nor prefixes are in what was captured. */
  function expectNowhere(payloads: readonly Buffer[], leases: readonly KeaLease[]): void {
    const secrets = [iaidOctets(IAID), Buffer.from('secret-host'), ...leaseSecrets(leases)];
    expect(showing(payloads, secrets)).toEqual([]);
  }

  it('shows nothing of the client on any link behind three relays, each with its Interface-Id', async () => {
    const topology = await site.connect(3);
    const kea = await start();
    const own = await client(['--prefix']);
    const captures = [
      await site.capture(),
      await Capture.start(topology.server, SERVER_INTERFACE, site.path('server.pcap')),
    ];

    const lease = await leaseOk('lease', own);

    const leases = await kea.leases();
    expect(leases.map(({ type, iaid, duid }) => [type, iaid, duid]).sort()).toEqual([
      ['IA_NA', IAID, lease.clientIdentifier],
      ['IA_PD', IAID, lease.clientIdentifier],
    ]);
    await leaseOk('renew', own);
    expect(await exchangeOk('release', own)).toMatchObject({ acknowledged: true });
    expect(await kea.leases()).toEqual([]);

    const [near = [], far = []] = await Promise.all(captures.map((one) => one.stopForPayloads()));
    const all = [ENCRYPTED_QUERY, ENCRYPTED_RESPONSE, ENCRYPTED_REQUEST, ENCRYPTED_REPLY];
    expect(types(near)).toEqual(all);
    expect(near.every((payload) => unwrapRelay(payload).levels.length === 0)).toBe(true);
    expect(types(far)).toEqual(all);
    for (const payload of far) {
      const { levels } = unwrapRelay(payload);
      const isAnswer = [ENCRYPTED_RESPONSE, ENCRYPTED_REPLY].includes(typeOf(payload));
      const ids = levels.map(({ options }) => readOption(options, InterfaceIdOption)?.toString());
      expect(ids).toEqual(['relay-3', 'relay-2', 'relay-1']);
      expect(new Set(levels.map(({ msgType }) => msgType))).toEqual(
        new Set([isAnswer ? RELAY_REPLY : RELAY_FORWARD]),
      );
      const added = levels.flatMap(({ options }) => options.map(({ code }) => code));
      expect(new Set(added)).toEqual(new Set([OptionCode.InterfaceId, OptionCode.RelayMessage]));
    }
    expectNowhere([...near, ...far], leases);
    expect(await undueDrops(kea)).toEqual({});
  });

  it.each([0, 1, 3])('leases in two messages with rapid commit through %d relay(s)', async (relays) => {
    const topology = await site.connect(relays);
    const subnets = [{ ...clientSubnet(topology), more: { 'rapid-commit': true } }];
    const kea = await start({ kea: { subnets } });
    const capture = await site.capture();

    const lease = await leaseOk('lease', await client(['--rapid-commit', '--prefix']));

    const leases = await kea.leases();
    const leased = [lease.addresses[0]?.address, lease.prefixes[0]?.prefix.replace(/\/.*/, '')];
    expect(leases.map(({ address }) => address).sort()).toEqual(leased.sort());
    const payloads = await capture.stopForPayloads();
    const both = [ENCRYPTED_REQUEST, ENCRYPTED_REPLY, ENCRYPTED_QUERY, ENCRYPTED_RESPONSE];
    // Whatever was sent more than once is one message.
    const transmissions = payloads.map((payload) => [typeOf(payload), payload.readUIntBE(1, 3)].join());
    expect([...new Set(transmissions)].map((one) => Number.parseInt(one))).toEqual(both);
    expectNowhere(payloads, leases);
  });

  it.each([0, 3])('takes back an address that the client declines, through %d relay(s)', async (relays) => {
    await site.connect(relays);
    const kea = await start();
    const options = await client();
    const lease = await leaseOk('lease', options);
    const address = lease.addresses[0]?.address;

    expect(await exchangeOk('decline', options)).toMatchObject({ acknowledged: true });

    // Kea keeps a declined address for itself, under an empty DUID: one zero octet, three from Kea 2.6 on.
    expect(await kea.leases()).toMatchObject([{ address, duid: expect.stringMatching(/^(?:00)+$/) }]);
    expect(await kea.statistic('declined-addresses')).toBe(1);
    const another = await leaseOk('lease', options);
    expect(another.addresses).toHaveLength(1);
    expect(another.addresses[0]?.address).not.toBe(address);
  });

  it('carries RSA-4096 keys with chains of three certificates on the own link, in fragments', async () => {
    await site.replaceAuthority({ keyType: 'RSA-4096', intermediates: 2 });
    await site.connect(0);
    const credentials = await site.pki.server(SERVER_NAME, { keyType: 'RSA-4096' });
    const kea = await start({ credentials, parameters: { mode: 'authenticated' } });
    const options = await client(['--prefix', '--public-certificate']);
    const capture = await site.capture();

    const own = await site.pki.client('long.example.net', { keyType: 'RSA-4096' });
    const lease = await leaseOk('lease', { ...options, credentials: own });

    expect(await kea.leases()).toHaveLength(2);
    expect(lease.addresses).toHaveLength(1);
    const payloads = await capture.stopForPayloads();
    const sizes = (type: number): number[] =>
      payloads.filter((payload) => typeOf(payload) === type).map(({ length }) => length);
    for (const type of [ENCRYPTED_REQUEST, ENCRYPTED_REPLY]) {
      expect(Math.max(...sizes(type))).toBeGreaterThan(3000);
    }
    expect(await undueDrops(kea)).toEqual({});
  });

  it('serves encrypted clients while cleartext ones are served on an optional subnet', async () => {
    await site.connectBranches([0, 0]);
    const neighbour = site.link(1);
    const mode = (value: string): { readonly userContext: { readonly encryption: unknown } } => ({
      userContext: { encryption: { mode: value } },
    });
    const subnets = [
      { ...clientSubnet(site.topology), ...mode('encrypted') },
      { ...branchSubnet(neighbour, 1), ...mode('optional') },
    ];
    const kea = await start({ parameters: {}, kea: { subnets } });
    const load = perfdhcp({ namespace: neighbour.client, clients: 60, exchanges: 60 });

    for (const name of ['c1.example.net', 'c2.example.net', 'c3.example.net']) {
      await leaseOk('lease', await client([], name));
    }

    expect((await load).requestReply).toMatchObject({ sent: 60, received: 60 });
    const leases = await kea.leases();
    const inSubnet = (id: number): number => leases.filter(({ subnetId }) => subnetId === id).length;
    expect([inSubnet(1), inSubnet(2)]).toEqual([3, 60]);
    expect(await undueDrops(kea)).toEqual({});

    // The same cleartext clients get nothing on the other subnet.
    const refused = await perfdhcp({
      namespace: site.topology.client,
      clients: 5,
      exchanges: 5,
      isLossy: true,
    });
    const { sent, received } = refused.solicitAdvertise;
    expect(sent).toBeGreaterThanOrEqual(5);
    expect(received).toBe(0);
    const counter = 'subnet[1].encryption-drop-cleartext-refused';
    expect(await until('all to be counted', async () => (await kea.statistic(counter)) === sent)).toBe(true);
    expect(await kea.statistic('subnet[2].encryption-drop-cleartext-refused')).toBe(0);
  });
});
