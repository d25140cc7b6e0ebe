// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import { InterfaceIdOption, OptionCode, readOption, unwrapRelay } from '../../src/dhcpv6';
import {
  Capture,
  CLIENT_INTERFACE,
  clientSubnet,
  createTopology,
  dropCounts,
  exchangeOk,
  hookedKea,
  ipv6Octets,
  KeaServer,
  leaseOk,
  perfdhcp,
  SERVER_INTERFACE,
  Testbed,
  TestPki,
  type EncryptedClientOptions,
  type HookedKeaOptions,
  type KeaLease,
  type Topology,
} from './support';

jest.setTimeout(120_000);

const SERVER_NAME = 'dhcp.example.net';
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
  let testbed: Testbed;
  let pki: TestPki;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function start(topology: Topology, options: Partial<HookedKeaOptions> = {}): Promise<KeaServer> {
    const credentials = await pki.server(SERVER_NAME);
    return KeaServer.start(
      await hookedKea(testbed, topology, { pki, credentials, parameters: { mode: 'encrypted' }, ...options }),
    );
  }

  async function client(
    topology: Topology,
    more: readonly string[] = [],
    name = 'c1.example.net',
  ): Promise<EncryptedClientOptions> {
    return {
      topology,
      anchors: pki.anchors,
      credentials: await pki.client(name),
      serverName: SERVER_NAME,
      leaseFile: join(testbed.directory, `${name}.json`),
      more: ['--iaid', String(IAID), '--fqdn', HOST_NAME, ...more],
    };
  }

  function startCapture(topology: Topology, link: 'client' | 'server'): Promise<Capture> {
    const interfaceName = link === 'client' ? CLIENT_INTERFACE : SERVER_INTERFACE;
    return Capture.start(topology[link], interfaceName, join(testbed.directory, `${link}.pcap`));
  }

  async function stopForPayloads(capture: Capture): Promise<Buffer[]> {
    return (await capture.stopForDatagrams()).map(({ payload }) => payload);
  }

  function typeOf(payload: Buffer): number {
    return unwrapRelay(payload).message.readUInt8(0);
  }

  function types(payloads: readonly Buffer[]): number[] {
    return [...new Set(payloads.map(typeOf))].sort((a, b) => a - b);
  }

  /** Neither DUID, IAID, host name, addresses nor prefixes are in what was captured. */
  function expectNowhere(payloads: readonly Buffer[], leases: readonly KeaLease[]): void {
    const iaid = Buffer.alloc(4);
    iaid.writeUInt32BE(IAID);
    const secrets = [
      iaid,
      Buffer.from('secret-host'),
      ...leases.flatMap(({ type, address, duid }) => [
        Buffer.from(duid, 'hex'),
        ipv6Octets(address).subarray(0, type === 'IA_PD' ? 7 : 16),
      ]),
    ];
    expect(payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)))).toEqual([]);
  }

  it('shows nothing of the client on any link behind three relays, each with its Interface-Id', async () => {
    const topology = await createTopology(testbed, 3);
    const kea = await start(topology);
    const own = await client(topology, ['--prefix']);
    const captures = [await startCapture(topology, 'client'), await startCapture(topology, 'server')];

    const lease = await leaseOk('lease', own);

    const leases = await kea.leases();
    expect(leases.map(({ type, iaid, duid }) => [type, iaid, duid]).sort()).toEqual([
      ['IA_NA', IAID, lease.clientIdentifier],
      ['IA_PD', IAID, lease.clientIdentifier],
    ]);
    await leaseOk('renew', own);
    expect(await exchangeOk('release', own)).toMatchObject({ acknowledged: true });
    expect(await kea.leases()).toEqual([]);

    const [near = [], far = []] = await Promise.all(captures.map(stopForPayloads));
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
    expect(await dropCounts(kea)).toEqual({});
  });

  it.each([0, 1, 3])('leases in two messages with rapid commit through %d relay(s)', async (relays) => {
    const topology = await createTopology(testbed, relays);
    const subnets = [{ ...clientSubnet(topology), more: { 'rapid-commit': true } }];
    const kea = await start(topology, { kea: { subnets } });
    const capture = await startCapture(topology, 'client');

    const lease = await leaseOk('lease', await client(topology, ['--rapid-commit', '--prefix']));

    const leases = await kea.leases();
    const leased = [lease.addresses[0]?.address, lease.prefixes[0]?.prefix.replace(/\/.*/, '')];
    expect(leases.map(({ address }) => address).sort()).toEqual(leased.sort());
    const payloads = await stopForPayloads(capture);
    const both = [ENCRYPTED_REQUEST, ENCRYPTED_REPLY, ENCRYPTED_QUERY, ENCRYPTED_RESPONSE];
    expect(payloads.map(typeOf)).toEqual(both);
    expectNowhere(payloads, leases);
  });

  it.each([0, 3])('takes back an address that the client declines, through %d relay(s)', async (relays) => {
    const topology = await createTopology(testbed, relays);
    const kea = await start(topology);
    const options = await client(topology);
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
    pki = await TestPki.create(join(testbed.directory, 'long'), { keyType: 'RSA-4096', intermediates: 2 });
    const topology = await createTopology(testbed, 0);
    const credentials = await pki.server(SERVER_NAME, { keyType: 'RSA-4096' });
    const kea = await start(topology, { credentials, parameters: { mode: 'authenticated' } });
    const options = await client(topology, ['--prefix']);
    const capture = await startCapture(topology, 'client');

    const own = await pki.client('long.example.net', { keyType: 'RSA-4096' });
    const lease = await leaseOk('lease', { ...options, credentials: own });

    expect(await kea.leases()).toHaveLength(2);
    expect(lease.addresses).toHaveLength(1);
    const payloads = await stopForPayloads(capture);
    const sizes = (type: number): number[] =>
      payloads.filter((payload) => typeOf(payload) === type).map(({ length }) => length);
    expect(Math.min(...sizes(ENCRYPTED_REQUEST), ...sizes(ENCRYPTED_REPLY))).toBeGreaterThan(3000);
    expect(await dropCounts(kea)).toEqual({});
  });

  it('serves encrypted clients while cleartext ones are served on an optional subnet', async () => {
    const topology = await createTopology(testbed, 0);
    const neighbour = await testbed.namespace('neighbour');
    await testbed.join(neighbour, CLIENT_INTERFACE, topology.server, 'server1');
    const mode = (value: string): { readonly userContext: { readonly encryption: unknown } } => ({
      userContext: { encryption: { mode: value } },
    });
    const optional = { prefix: '2001:db8:2::/64', pool: '2001:db8:2::1-2001:db8:2::ffff' };
    const subnets = [
      { ...clientSubnet(topology), ...mode('encrypted') },
      { id: 2, ...optional, interface: 'server1', ...mode('optional') },
    ];
    const interfaces = [topology.serverSocket, 'server1'];
    const kea = await start(topology, { parameters: {}, kea: { interfaces, subnets } });
    const load = perfdhcp({
      namespace: neighbour,
      interface: CLIENT_INTERFACE,
      clients: 60,
      exchanges: 60,
      rate: 20,
      patience: 15,
    });

    for (const name of ['c1.example.net', 'c2.example.net', 'c3.example.net']) {
      await leaseOk('lease', await client(topology, [], name));
    }

    expect((await load).requestReply).toMatchObject({ sent: 60, received: 60 });
    const leases = await kea.leases();
    const inSubnet = (id: number): number => leases.filter(({ subnetId }) => subnetId === id).length;
    expect([inSubnet(1), inSubnet(2)]).toEqual([3, 60]);
    expect(await dropCounts(kea)).toEqual({});

    // The same cleartext clients get nothing on the other subnet.
    const refused = await perfdhcp({
      namespace: topology.client,
      interface: CLIENT_INTERFACE,
      clients: 5,
      exchanges: 5,
    });
    expect(refused.solicitAdvertise).toMatchObject({ sent: 5, received: 0 });
    expect(await kea.statistic('subnet[1].encryption-drop-cleartext-refused')).toBe(5);
    expect(await kea.statistic('subnet[2].encryption-drop-cleartext-refused')).toBe(0);
  });
});
