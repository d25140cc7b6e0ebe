// SPDX-License-Identifier: MPL-2.0
import { KeaServer, type KeaOptions } from './kea';
import type { SubnetSettings } from './kea-configuration';
import type { Namespace } from './namespace';
import type { Site } from './site';
import type { CredentialFiles } from './test-pki';
import { CLIENT_INTERFACE, CLIENT_PREFIX, SERVER_INTERFACE, type Topology } from './topology';

export interface PairServer {
  /** In its certificate. */
  readonly name: string;
  /** Its DUID, hexadecimal. */
  readonly duid: string;
  /** What its pool's addresses begin with. */
  readonly addresses: string;
  readonly credentials: CredentialFiles;
  readonly kea: KeaServer;
}

/** What a server does otherwise than its fellow, until it is told something else. */
export interface PairSettings {
  /** RFC 8415 section 21.8. */
  readonly preference?: number;
  /** How many addresses its pool has; default 65536. */
  readonly addresses?: number;
  /** What its subnet has otherwise. */
  readonly subnet?: Partial<SubnetSettings>;
}

const NAMES = ['one', 'two'] as const;

/** Two servers on the link of a client and of somebody else, each with its own name, DUID, key table and pool. */
export class ServerPair {
  private constructor(
    private readonly site: Site,
    private readonly solution: 'A' | 'B',
    readonly topology: Topology,
    /** Another host on the link. */
    readonly neighbour: Namespace,
    readonly one: PairServer,
    readonly two: PairServer,
  ) {}

  static async start(site: Site, solution: 'A' | 'B'): Promise<ServerPair> {
    const { testbed, pki } = site;
    const client = await testbed.namespace('client');
    const neighbour = await testbed.namespace('neighbour');
    const hosts = { one: await testbed.namespace('one'), two: await testbed.namespace('two') };
    await testbed.link('switch', [
      [client, CLIENT_INTERFACE],
      [neighbour, CLIENT_INTERFACE],
      [hosts.one, SERVER_INTERFACE],
      [hosts.two, SERVER_INTERFACE],
    ]);
    const topology = { client, server: hosts.one, serverSocket: SERVER_INTERFACE, relays: [] };
    const start = async (name: (typeof NAMES)[number]): Promise<PairServer> => {
      const common = describe(name);
      const credentials = await pki.server(common.name);
      const place = { ...topology, server: hosts[name] };
      const own = { ...common, credentials };
      const kea = await KeaServer.start(await settingsOf(site, solution, place, own));
      return { ...own, kea };
    };
    const [one, two] = [await start('one'), await start('two')];
    return new ServerPair(site, solution, topology, neighbour, one, two);
  }

  other(server: PairServer): PairServer {
    return server === this.one ? this.two : this.one;
  }

  /** Has a server read new settings. */
  async configure({ kea, ...server }: PairServer, settings: PairSettings = {}): Promise<void> {
    const { site, solution, topology } = this;
    await kea.configure(await settingsOf(site, solution, topology, server, settings));
    const { result, text } = await kea.reload();
    if (result !== 0) {
      throw new Error(`the settings were refused: ${text ?? ''}`);
    }
  }
}

function describe(key: (typeof NAMES)[number]): Omit<PairServer, 'credentials' | 'kea'> {
  const identifier = Buffer.from(`pair ${key}`).toString('hex');
  return {
    name: `${key}.example.net`,
    duid: `0002000009bf${identifier}`,
    addresses: `2001:db8:1::${NAMES.indexOf(key) + 1}:`,
  };
}

async function settingsOf(
  site: Site,
  solution: 'A' | 'B',
  topology: Topology,
  server: Omit<PairServer, 'kea'>,
  { preference, addresses = 0x10000, subnet }: PairSettings = {},
): Promise<KeaOptions> {
  const { name, duid, credentials } = server;
  const [label = ''] = name.split('.');
  const last = (addresses - 1).toString(16);
  const pool = `${server.addresses}0-${server.addresses}${last}`;
  const optionData =
    preference === undefined ? [] : [{ name: 'preference', data: String(preference), 'always-send': true }];
  const parameters = {
    solution,
    mode: 'encrypted',
    blocklist: { count: 0 },
    // Each message to an engine that a test has stopped takes so long.
    engine: { timeout: 5000 },
  };
  const kea = {
    subnets: [{ id: 1, prefix: CLIENT_PREFIX, pool, interface: SERVER_INTERFACE, ...subnet }],
    more: {
      'server-id': { type: 'EN', 'enterprise-id': 2495, identifier: duid.slice(12), persist: false },
      'option-data': optionData,
    },
  };
  return site.settings(parameters, { topology, label, credentials, kea });
}
