// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import {
  Capture,
  CLIENT_INTERFACE,
  clientSubnet,
  createTopology,
  dropCounts,
  encryptedClient,
  exchangeOk,
  hookedKea,
  ipv6Octets,
  KeaServer,
  leaseOk,
  perfdhcp,
  Testbed,
  TestPki,
  type EncryptedClientOptions,
  type HookedKeaOptions,
  type IssueOptions,
  type KeaLease,
  type Topology,
} from './support';

jest.setTimeout(120_000);

const SERVER_NAME = 'dhcp.example.net';
const HOST_NAME = 'secret-host.example.net';
const OWN_DUID = '00030001a1b2c3d4e5f6';
const SOLICIT = 1;
const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;

/** The credential is in the Solicit, the rest of the exchange is encrypted (docs/protocol.md 5). */
describe('solution B', () => {
  let testbed: Testbed;
  let pki: TestPki;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function start(
    topology: Topology,
    parameters: HookedKeaOptions['parameters'] = {},
    options: Partial<HookedKeaOptions> & { readonly issue?: IssueOptions } = {},
  ): Promise<KeaServer> {
    const credentials = await pki.server(SERVER_NAME, options.issue);
    return KeaServer.start(
      await hookedKea(testbed, topology, {
        pki,
        credentials,
        parameters: { solution: 'B', ...parameters },
        ...(options.kea !== undefined && { kea: options.kea }),
      }),
    );
  }

  async function client(
    topology: Topology,
    more: readonly string[] = [],
    issue?: IssueOptions,
  ): Promise<EncryptedClientOptions> {
    return {
      topology,
      anchors: pki.anchors,
      credentials: await pki.client('c1.example.net', issue),
      serverName: SERVER_NAME,
      leaseFile: join(testbed.directory, 'lease.json'),
      more: ['--solution', 'B', ...more],
    };
  }

  function startCapture(topology: Topology): Promise<Capture> {
    return Capture.start(topology.client, CLIENT_INTERFACE, join(testbed.directory, 'client.pcap'));
  }

  async function stopForPayloads(capture: Capture): Promise<Buffer[]> {
    return (await capture.stopForDatagrams()).map(({ payload }) => payload);
  }

  function types(payloads: readonly Buffer[]): number[] {
    return [...new Set(payloads.map(([type]) => type ?? 0))].sort((a, b) => a - b);
  }

  function expectNowhere(payloads: readonly Buffer[], leases: readonly KeaLease[]): void {
    const secrets = [
      Buffer.from('secret-host'),
      ...leases.flatMap(({ type, address, duid }) => [
        Buffer.from(duid, 'hex'),
        ipv6Octets(address).subarray(0, type === 'IA_PD' ? 7 : 16),
      ]),
    ];
    expect(payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)))).toEqual([]);
  }

  it.each([
    [0, 'RSA-2048', 'P-384', []],
    [1, 'P-256', 'RSA-2048', ['--duid', OWN_DUID]],
    [3, 'P-384', 'P-256', []],
  ] as const)('serves every exchange through %d relay(s): %s client, %s server', async (...row) => {
    const [relays, clientKey, serverKey, duid] = row;
    const topology = await createTopology(testbed, relays);
    const kea = await start(topology, { mode: 'authenticated' }, { issue: { keyType: serverKey } });
    const more = ['--prefix', '--fqdn', HOST_NAME, ...duid];
    const options = await client(topology, more, { keyType: clientKey });
    const capture = await startCapture(topology);

    const lease = await leaseOk('lease', options);

    const leases = await kea.leases();
    expect(leases.map(({ type }) => type).sort()).toEqual(['IA_NA', 'IA_PD']);
    expect(new Set(leases.map((one) => one.duid))).toEqual(new Set([lease.clientIdentifier]));
    expect(lease.clientIdentifier).toMatch(duid.length > 0 ? new RegExp(`^${OWN_DUID}$`) : /^0004.{12}8/);
    const address = lease.addresses[0]?.address;
    const same = { addresses: [{ address }], prefixes: [{ prefix: lease.prefixes[0]?.prefix }] };
    expect(await leaseOk('renew', options)).toMatchObject(same);
    expect(await leaseOk('rebind', options)).toMatchObject(same);
    expect(await exchangeOk('confirm', options)).toMatchObject({ onLink: true });
    expect(await exchangeOk('information-request', options)).toMatchObject({ addresses: [] });
    expect(await exchangeOk('release', options)).toMatchObject({ acknowledged: true });
    expect(await kea.leases()).toEqual([]);

    const payloads = await stopForPayloads(capture);
    expect(types(payloads)).toEqual([SOLICIT, ENCRYPTED_QUERY, ENCRYPTED_RESPONSE]);
    expectNowhere(payloads, leases);
    // The Solicit shows a random IAID; what follows does not show it again.
    const iaid = Buffer.alloc(4);
    iaid.writeUInt32BE(lease.addresses[0]?.iaid ?? 0);
    const showing = payloads.filter((payload) => payload.includes(iaid));
    expect(types(showing)).toEqual([SOLICIT]);
    expect(await dropCounts(kea)).toEqual({});
  });

  it.each([0, 3])('leases in two messages with rapid commit through %d relay(s)', async (relays) => {
    const topology = await createTopology(testbed, relays);
    const subnets = [{ ...clientSubnet(topology), more: { 'rapid-commit': true } }];
    const kea = await start(topology, { mode: 'encrypted' }, { kea: { subnets } });
    const capture = await startCapture(topology);

    const lease = await leaseOk('lease', await client(topology, ['--rapid-commit']));

    const leases = await kea.leases();
    expect(leases).toMatchObject([
      { address: lease.addresses[0]?.address, duid: lease.clientIdentifier, type: 'IA_NA' },
    ]);
    const payloads = await stopForPayloads(capture);
    expect(types(payloads)).toEqual([SOLICIT, ENCRYPTED_RESPONSE]);
    expectNowhere(payloads, leases);
  });

  it.each([
    ['off', 5, {}],
    ['optional', 5, {}],
    ['encrypted', 0, { 'cleartext-refused': 5 }],
    ['authenticated', 0, { 'cleartext-refused': 5 }],
  ])("treats a plain Solicit as the subnet's mode %s says", async (mode, received, drops) => {
    const topology = await createTopology(testbed, 0);
    const subnets = [{ ...clientSubnet(topology), userContext: { encryption: { mode } } }];
    const kea = await start(topology, {}, { kea: { subnets } });
    const report = await perfdhcp({
      namespace: topology.client,
      interface: CLIENT_INTERFACE,
      clients: 5,
      exchanges: 5,
    });
    expect(report.solicitAdvertise).toMatchObject({ sent: 5, received });
    expect(await dropCounts(kea)).toEqual(drops);
  });

  it.each([
    ['B', 'A'],
    ['A', 'B'],
  ])('a server of solution %s drops and counts messages of solution %s', async (serverSide, clientSide) => {
    const topology = await createTopology(testbed, 0);
    const kea = await start(topology, { solution: serverSide });
    const options = await client(topology, ['--solution', clientSide, '--timeout', '2']);
    expect(await encryptedClient('lease', options)).toMatchObject({ code: 3, stdout: '' });
    expect(await kea.statistic('encryption-drop-solution-mismatch')).toBeGreaterThan(0);
    expect(await kea.leases()).toEqual([]);
  });
});
