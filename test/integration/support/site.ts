// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import { Capture } from './capture';
import type { EncryptedClientOptions } from './encrypted-client';
import { branchSockets, hookedKea, type HookedKeaOptions } from './hooked-kea';
import { KeaServer, type KeaOptions } from './kea';
import type { KeaObject } from './kea-configuration';
import { SERVER_NAME, TestPki, type CredentialFiles, type IssueOptions } from './test-pki';
import { Testbed } from './testbed';
import {
  CLIENT_INTERFACE,
  createBranch,
  createTopology,
  type RelayExtras,
  type StartRelay,
  type Topology,
} from './topology';

export interface SiteServerOptions extends Partial<Omit<HookedKeaOptions, 'pki'>> {
  /** Where it stands, if not behind the clients' links of the site. */
  readonly topology?: Topology;
  /** Names the directories of a server that is not the only one: its files, and its engine's state. */
  readonly label?: string;
  /** How its certificate is made, where `credentials` names none. */
  readonly issue?: IssueOptions;
}

export interface SiteClientOptions extends Partial<EncryptedClientOptions> {
  /** In its certificate, and in the name of its lease file. Default `client.example.net`. */
  readonly name?: string;
  /** How its certificate is made, where `credentials` names none. */
  readonly issue?: IssueOptions;
}

/** What nearly every test sets up: a network, an authority, a Kea with the hook and clients of it. */
export class Site {
  private opened: { readonly testbed: Testbed; pki: TestPki; links: readonly Topology[] } | undefined;

  /** A site that is made anew for each test; without a number of relays the test lays the cables by {@link connect}. */
  static forEachTest(relays?: number): Site {
    const site = new Site();
    beforeEach(() => site.open(relays));
    afterEach(() => site.close());
    return site;
  }

  /** A site that the tests of a `describe` share. */
  static forAllTests(relays?: number): Site {
    const site = new Site();
    beforeAll(() => site.open(relays));
    afterAll(() => site.close());
    return site;
  }

  /** For whoever cannot leave it to {@link forEachTest} or {@link forAllTests}. Close it, also where this fails. */
  async open(relays?: number): Promise<void> {
    const testbed = await Testbed.create();
    this.opened = { testbed, pki: await TestPki.create(join(testbed.directory, 'pki')), links: [] };
    if (relays !== undefined) {
      await this.connect(relays);
    }
  }

  async close(): Promise<void> {
    await this.opened?.testbed.close();
    this.opened = undefined;
  }

  get testbed(): Testbed {
    return this.here.testbed;
  }

  get pki(): TestPki {
    return this.here.pki;
  }

  get topology(): Topology {
    return this.link(0);
  }

  /** A file or directory of this site's own. */
  path(name: string): string {
    return join(this.testbed.directory, name);
  }

  /** Puts the client behind so many relays. */
  async connect(relays: number, extras?: RelayExtras): Promise<Topology> {
    this.place(await createTopology(this.testbed, relays, extras));
    return this.topology;
  }

  /** Puts a client's link behind each number of relays, or behind one of each kind, all of them on the same server. */
  async connectBranches(relays: readonly (number | StartRelay)[]): Promise<void> {
    const server = await this.testbed.namespace('server');
    const links: Topology[] = [];
    for (const [index, one] of relays.entries()) {
      const behind = typeof one === 'number' ? { relayCount: one } : { relayCount: 1, relay: one };
      links.push(await createBranch(this.testbed, server, { ...behind, index }));
    }
    this.here.links = links;
  }

  /** One of the clients' links, from 0. */
  link(index: number): Topology {
    const link = this.here.links[index];
    if (link === undefined) {
      throw new Error(`there is no link ${index}`);
    }
    return link;
  }

  /** Puts client and server where the test has put them. */
  place(topology: Topology): void {
    this.here.links = [topology];
  }

  /** Another authority takes the place of the first one. */
  async replaceAuthority(options: Parameters<typeof TestPki.create>[1]): Promise<void> {
    this.here.pki = await TestPki.create(this.path('another'), options);
  }

  /** Options of a server, for {@link KeaServer}. */
  async settings(parameters: KeaObject = {}, options: SiteServerOptions = {}): Promise<KeaOptions> {
    const { credentials = await this.pki.server(SERVER_NAME, options.issue), topology, label, kea } = options;
    const apart = label !== undefined;
    return hookedKea(this.testbed, topology ?? this.topology, {
      pki: this.pki,
      credentials,
      parameters: { ...(apart && { 'state-directory': this.path(`state-${label}`) }), ...parameters },
      kea: {
        ...branchSockets(topology === undefined ? this.here.links : [topology]),
        ...(apart && { directory: this.path(`kea-${label}`) }),
        ...kea,
      },
    });
  }

  /** Starts a server; `parameters` are the hook's. */
  async start(parameters?: KeaObject, options?: SiteServerOptions): Promise<KeaServer> {
    return KeaServer.start(await this.settings(parameters, options));
  }

  /** Starts a server that has never heard of encryption. */
  async startWithoutHook(kea: Partial<KeaOptions> = {}): Promise<KeaServer> {
    const place = { namespace: this.topology.server, directory: this.path('kea') };
    return KeaServer.start({ ...place, ...branchSockets(this.here.links), ...kea });
  }

  /** Options of a client that trusts the server and that the server trusts. */
  async client(options: SiteClientOptions = {}): Promise<EncryptedClientOptions> {
    const { name = 'client.example.net', issue, ...own } = options;
    return {
      topology: this.topology,
      anchors: this.pki.anchors,
      credentials: own.credentials ?? (await this.pki.client(name, issue)),
      serverName: SERVER_NAME,
      leaseFile: this.path(`${name}.json`),
      ...own,
    };
  }

  /** Arguments of `kea-encryption client` for such a client: who it is and whom it trusts, and `more`. */
  async clientArguments(...more: string[]): Promise<string[]> {
    const { certificate, privateKey } = await this.pki.client();
    const anchors = ['--trust-anchors', this.pki.anchors];
    return ['--certificate', certificate, '--private-key', privateKey, ...anchors, ...more];
  }

  /** An authority that nobody of the site trusts. */
  async elsewhere(): Promise<TestPki> {
    return TestPki.create(this.path('elsewhere'));
  }

  /** A client's certificate that the site's authority has not issued. */
  async stranger(): Promise<CredentialFiles> {
    return (await this.elsewhere()).client('stranger.example.net');
  }

  /** Listens on the client's link. */
  capture(name = 'client'): Promise<Capture> {
    return Capture.start(this.topology.client, CLIENT_INTERFACE, this.path(`${name}.pcap`));
  }

  private get here(): NonNullable<typeof this.opened> {
    if (this.opened === undefined) {
      throw new Error('the site is not open');
    }
    return this.opened;
  }
}
