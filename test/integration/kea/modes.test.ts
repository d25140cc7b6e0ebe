// SPDX-License-Identifier: MPL-2.0
import { deriveDuid } from '../../../src/crypto';
import {
  CLIENT_INTERFACE,
  clientSubnet,
  encryptedClient,
  KeaServer,
  perfdhcp,
  SERVER_INTERFACE,
  Site,
  until,
  type CredentialFiles,
  type HookedKeaOptions,
  type KeaObject,
  type KeaOptions,
  type Namespace,
  type Topology,
} from '../support';
import { publicKeyOf } from '../support/public-key-of';

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

const DUIDS = {
  clear: '00030001020000000001',
  certified: '00030001020000000003',
} as const satisfies Partial<Record<keyof Served, string>>;

function context(mode: Mode | undefined): KeaObject {
  return mode === undefined ? {} : { 'user-context': { encryption: { mode } } };
}

/** docs/protocol.md and docs/classes-and-reservations.md: a subnet's mode, its shared network's, or the hook's. */
describe('the mode', () => {
  const site = Site.forEachTest();
  let kea: KeaServer;
  let places: Readonly<Record<keyof Served, Topology>>;
  let known: Partial<Record<keyof Served, CredentialFiles>>;

  beforeEach(() => {
    known = {};
  });

  async function options(parameters: KeaObject, settings: HookedKeaOptions['kea']): Promise<KeaOptions> {
    return site.settings(parameters, settings === undefined ? {} : { kea: settings });
  }

  /** A host for each kind of client on the server's link: they go side by side. */
  async function connectEach(): Promise<void> {
    const { testbed } = site;
    const server = await testbed.namespace('server');
    const [clear, bare, certified] = [
      await testbed.namespace('clear'),
      await testbed.namespace('bare'),
      await testbed.namespace('certified'),
    ];
    await testbed.link('switch', [
      [server, SERVER_INTERFACE],
      [clear, CLIENT_INTERFACE],
      [bare, CLIENT_INTERFACE],
      [certified, CLIENT_INTERFACE],
    ]);
    const place = (client: Namespace): Topology => ({
      client,
      server,
      serverSocket: SERVER_INTERFACE,
      relays: [],
    });
    places = { clear: place(clear), bare: place(bare), certified: place(certified) };
    site.place(places.clear);
  }

  /** One host for all: they take turns. */
  async function connectAll(relays: number): Promise<void> {
    const topology = await site.connect(relays);
    places = { clear: topology, bare: topology, certified: topology };
  }

  async function isServedInClear(isExpected: boolean): Promise<boolean> {
    const { solicitAdvertise } = await perfdhcp({
      namespace: places.clear.client,
      clients: 1,
      exchanges: 1,
      base: `duid=${DUIDS.clear}`,
      isLossy: !isExpected,
    });
    return solicitAdvertise.received > 0;
  }

  async function isLeased(kind: 'bare' | 'certified', isExpected: boolean): Promise<boolean> {
    // A bare key has its derived DUID only, and a DUID is bound to its first key.
    const own = kind === 'bare' ? [] : ['--duid', DUIDS[kind]];
    const more = ['--timeout', isExpected ? '60' : '2', ...own];
    const credentials = await credentialsOf(kind);
    const options = { topology: places[kind], name: kind, credentials, bareKey: kind === 'bare', more };
    return (await encryptedClient('lease', await site.client(options))).code === 0;
  }

  async function credentialsOf(kind: 'bare' | 'certified'): Promise<CredentialFiles> {
    return (known[kind] ??= await site.pki.client(kind));
  }

  /** Waits until a statistic has risen. */
  async function untilCounted(name: string): Promise<void> {
    await until(name, async () => (await kea.statistic(name)) > 0);
  }

  /** @param expected says how long each is waited for; what is served comes in either way */
  async function served(expected: Served): Promise<Served> {
    const isInTurn = places.clear === places.bare;
    const clear = isServedInClear(expected.clear);
    if (isInTurn) {
      await clear;
    }
    const bare = isLeased('bare', expected.bare);
    if (isInTurn) {
      await bare;
    }
    const certified = isLeased('certified', expected.certified);
    return { clear: await clear, bare: await bare, certified: await certified };
  }

  /** A shared network with one subnet, each with its mode or none. */
  function network(subnet: Mode | undefined, shared: Mode | undefined): HookedKeaOptions['kea'] {
    const { id, prefix, pool, interface: name } = clientSubnet(site.topology);
    const subnet6 = [{ id, subnet: prefix, pools: [{ pool }], ...context(subnet) }];
    const networks = [{ name: 'net', interface: name, subnet6, ...context(shared) }];
    return { subnets: [], more: { 'shared-networks': networks } };
  }

  it.each(['off', 'optional', 'encrypted', 'authenticated'] as const)(
    '%s on a subnet, on a shared network, and for all',
    async (mode) => {
      await connectEach();
      const other: Mode = mode === 'optional' ? 'authenticated' : 'optional';
      const userContext = { encryption: { mode } };
      // Each with something else in the wider place, so that precedence is seen too.
      kea = await KeaServer.start(
        await options({ mode: other }, { subnets: [{ ...clientSubnet(site.topology), userContext }] }),
      );
      expect({ place: 'subnet', ...(await served(EXPECTED[mode])) }).toEqual({
        place: 'subnet',
        ...EXPECTED[mode],
      });
      const places: readonly [string, KeaObject, HookedKeaOptions['kea']][] = [
        ['subnet of a network', { mode: other }, network(mode, other)],
        ['network', { mode: other }, network(undefined, mode)],
        ['global', { mode }, network(undefined, undefined)],
      ];
      for (const [place, parameters, settings] of places) {
        await kea.configure(await options(parameters, settings));
        expect(await kea.reload()).toMatchObject({ result: 0 });
        expect({ place, ...(await served(EXPECTED[mode])) }).toEqual({ place, ...EXPECTED[mode] });
      }
    },
  );

  it.each([
    ['link-address', {}],
    ['Interface-Id', { prefix: '2001:db8:77::/64', 'interface-id': 'relay-1' }],
  ])('is found for relayed messages by %s', async (_by, { prefix, ...more }: KeaObject) => {
    await connectAll(1);
    const subnet = clientSubnet(site.topology);
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
    expect(await served(EXPECTED.authenticated)).toEqual(EXPECTED.authenticated);
    await untilCounted('subnet[1].encryption-drop-cleartext-refused');
    expect((await kea.leases()).map(({ subnetId }) => subnetId)).toEqual([1]);
  });

  it('of the subnet that a class led to is enforced, and refusals are counted there', async () => {
    await connectEach();
    const { interface: name } = clientSubnet(site.topology);
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
    expect(await served(EXPECTED.authenticated)).toEqual(EXPECTED.authenticated);
    await untilCounted('subnet[2].encryption-drop-cleartext-refused');
    await untilCounted('subnet[2].encryption-drop-public-key-refused');
    expect(await kea.statistic('subnet[1].encryption-drop-cleartext-refused')).toBe(0);
    expect((await kea.leases()).map(({ subnetId }) => subnetId)).toEqual([1]);
  });

  // Kea looks reservations up, and sets the classes that come of it, when it has already selected a subnet.
  it.each([
    [
      'a reservation has',
      { 'client-class': 'guest', pools: [{ pool: '2001:db8:1::1:0-2001:db8:1::1:ffff' }] },
      'registered',
      true,
    ],
    ['says that there is no reservation', {}, 'UNKNOWN', false],
  ])('of the subnet that a class led to which %s is enforced', async (_what, first, second, isReserved) => {
    await connectEach();
    const duids = [
      ...Object.values(DUIDS),
      deriveDuid(publicKeyOf(await credentialsOf('bare')).spki).toString('hex'),
    ];
    const reservations = isReserved ? duids.map((duid) => ({ duid, 'client-classes': ['registered'] })) : [];
    const { interface: name } = clientSubnet(site.topology);
    const settings = (mode: Mode): HookedKeaOptions['kea'] => {
      const pools = [{ pool: '2001:db8:2::1:0-2001:db8:2::1:ffff' }];
      const subnet6 = [
        { id: 1, subnet: '2001:db8:1::/64', ...first },
        { id: 2, subnet: '2001:db8:2::/64', 'client-class': second, pools, ...context(mode) },
      ];
      const more = {
        'shared-networks': [{ name: 'net', interface: name, subnet6 }],
        'client-classes': [{ name: 'registered' }, { name: 'guest', test: "not member('registered')" }],
        'host-reservation-identifiers': ['duid'],
        'reservations-global': true,
        'reservations-in-subnet': false,
        reservations,
      };
      return { subnets: [], more };
    };
    const reload = async (mode: Mode): Promise<void> => {
      await kea.configure(await options({ mode: 'optional' }, settings(mode)));
      expect(await kea.reload()).toMatchObject({ result: 0 });
    };
    const leases = async (): Promise<readonly number[]> =>
      (await kea.leases()).map(({ subnetId }) => subnetId);

    kea = await KeaServer.start(await options({ mode: 'optional' }, settings('authenticated')));
    expect(await served(EXPECTED.authenticated)).toEqual(EXPECTED.authenticated);
    await untilCounted('subnet[1].encryption-drop-cleartext-refused');
    await untilCounted('subnet[1].encryption-drop-public-key-refused');
    expect(await leases()).toEqual([2]);

    // Nor are leases handed out again that the clients have had before the mode was set.
    await reload('optional');
    expect(await served(EXPECTED.optional)).toEqual(EXPECTED.optional);
    expect(await leases()).toEqual([2, 2, 2]);
    await reload('authenticated');
    expect(await served(EXPECTED.authenticated)).toEqual(EXPECTED.authenticated);
  });
});
