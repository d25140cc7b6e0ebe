// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import {
  CLIENT_INTERFACE,
  clientSubnet,
  createTopology,
  encryptedClient,
  hookedKea,
  KeaServer,
  perfdhcp,
  Testbed,
  TestPki,
  type EncryptedClientOptions,
  type HookedKeaOptions,
  type KeaObject,
  type Topology,
} from './support';

jest.setTimeout(300_000);

const SERVER_NAME = 'dhcp.example.net';

interface Served {
  readonly clear: boolean;
  readonly bare: boolean;
  readonly certified: boolean;
}

const EXPECTED = {
  off: { clear: true, bare: false, certified: false },
  optional: { clear: true, bare: true, certified: true },
  encrypted: { clear: false, bare: true, certified: true },
  authenticated: { clear: false, bare: false, certified: true },
} as const satisfies Record<string, Served>;

type Mode = keyof typeof EXPECTED;

function context(mode: Mode | undefined): KeaObject {
  return mode === undefined ? {} : { 'user-context': { encryption: { mode } } };
}

/** docs/protocol.md and docs/classes-and-reservations.md: a subnet's mode, its shared network's, or the hook's. */
describe('the mode', () => {
  let testbed: Testbed;
  let pki: TestPki;
  let topology: Topology;
  let kea: KeaServer;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function options(
    parameters: KeaObject,
    settings: HookedKeaOptions['kea'],
  ): Promise<Parameters<typeof KeaServer.start>[0]> {
    const credentials = await pki.server(SERVER_NAME);
    return hookedKea(testbed, topology, {
      pki,
      credentials,
      parameters,
      ...(settings !== undefined && { kea: settings }),
    });
  }

  async function isLeased(name: string, bareKey: boolean): Promise<boolean> {
    const client: EncryptedClientOptions = {
      topology,
      anchors: pki.anchors,
      credentials: await pki.client(name),
      serverName: SERVER_NAME,
      bareKey,
      more: ['--timeout', '3'],
    };
    return (await encryptedClient('lease', client)).code === 0;
  }

  async function served(): Promise<Served> {
    const { solicitAdvertise } = await perfdhcp({
      namespace: topology.client,
      interface: CLIENT_INTERFACE,
      clients: 1,
      exchanges: 1,
    });
    return {
      clear: solicitAdvertise.received > 0,
      bare: await isLeased('bare', true),
      certified: await isLeased('certified', false),
    };
  }

  /** A shared network with one subnet, each with its mode or none. */
  function network(subnet: Mode | undefined, shared: Mode | undefined): HookedKeaOptions['kea'] {
    const { id, prefix, pool, interface: name } = clientSubnet(topology);
    const subnet6 = [{ id, subnet: prefix, pools: [{ pool }], ...context(subnet) }];
    const networks = [{ name: 'net', interface: name, subnet6, ...context(shared) }];
    return { subnets: [], more: { 'shared-networks': networks } };
  }

  it.each(['off', 'optional', 'encrypted', 'authenticated'] as const)(
    '%s on a subnet, on a shared network, and for all',
    async (mode) => {
      topology = await createTopology(testbed, 0);
      const other: Mode = mode === 'optional' ? 'authenticated' : 'optional';
      const userContext = { encryption: { mode } };
      // Each with something else in the wider place, so that precedence is seen too.
      kea = await KeaServer.start(
        await options({ mode: other }, { subnets: [{ ...clientSubnet(topology), userContext }] }),
      );
      expect({ place: 'subnet', ...(await served()) }).toEqual({ place: 'subnet', ...EXPECTED[mode] });
      const places: readonly [string, KeaObject, HookedKeaOptions['kea']][] = [
        ['subnet of a network', { mode: other }, network(mode, other)],
        ['network', { mode: other }, network(undefined, mode)],
        ['global', { mode }, network(undefined, undefined)],
      ];
      for (const [place, parameters, settings] of places) {
        await kea.configure(await options(parameters, settings));
        expect(await kea.reload()).toMatchObject({ result: 0 });
        expect({ place, ...(await served()) }).toEqual({ place, ...EXPECTED[mode] });
      }
    },
  );

  it.each([
    ['link-address', {}],
    ['Interface-Id', { prefix: '2001:db8:77::/64', 'interface-id': 'relay-1' }],
  ])('is found for relayed messages by %s', async (_by, { prefix, ...more }: KeaObject) => {
    topology = await createTopology(testbed, 1);
    const subnet = clientSubnet(topology);
    const subnets = [
      typeof prefix === 'string'
        ? { id: 1, prefix, pool: '2001:db8:77::1:0-2001:db8:77::1:ffff', more }
        : subnet,
      // The server's own link, whose mode must not count.
      { id: 2, prefix: '2001:db8:f001::/64', pool: '2001:db8:f001::1:0-2001:db8:f001::1:ffff' },
    ].map((one) => ({
      ...one,
      userContext: { encryption: { mode: one.id === 1 ? 'authenticated' : 'off' } },
    }));
    kea = await KeaServer.start(await options({ mode: 'off' }, { subnets }));
    expect(await served()).toEqual(EXPECTED.authenticated);
    expect(await kea.statistic('subnet[1].encryption-drop-cleartext-refused')).toBeGreaterThan(0);
    expect((await kea.leases()).map(({ subnetId }) => subnetId)).toEqual([1]);
  });

  it('of the subnet that a class led to is enforced, and refusals are counted there', async () => {
    topology = await createTopology(testbed, 0);
    const { interface: name } = clientSubnet(topology);
    const subnet = (id: number, mode: Mode, more: KeaObject = {}): KeaObject => ({
      id,
      subnet: `2001:db8:${id}::/64`,
      pools: [{ pool: `2001:db8:${id}::1:0-2001:db8:${id}::1:ffff` }],
      ...context(mode),
      ...more,
    });
    const subnet6 = [subnet(1, 'optional', { 'client-class': 'AUTHENTICATED' }), subnet(2, 'authenticated')];
    const more = { 'shared-networks': [{ name: 'net', interface: name, subnet6 }] };
    kea = await KeaServer.start(await options({}, { subnets: [], more }));
    expect(await served()).toEqual(EXPECTED.authenticated);
    expect(await kea.statistic('subnet[2].encryption-drop-cleartext-refused')).toBeGreaterThan(0);
    expect(await kea.statistic('subnet[2].encryption-drop-public-key-refused')).toBeGreaterThan(0);
    expect(await kea.statistic('subnet[1].encryption-drop-cleartext-refused')).toBe(0);
    expect((await kea.leases()).map(({ subnetId }) => subnetId)).toEqual([1]);
  });
});
