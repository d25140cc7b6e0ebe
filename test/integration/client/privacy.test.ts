// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  branchSubnet,
  Capture,
  CLIENT_INTERFACE,
  createBranch,
  type CredentialFiles,
  KeaServer,
  type Namespace,
  type Running,
  Site,
  type Topology,
  tree,
  until,
} from '../support';
import { type Heard, leasesOf, observe } from '../support/overheard';
import { type Row, tableOf } from '../../support/markdown-table';

const page = join(__dirname, '../../../docs/privacy.md');
const HOST_NAME = 'secret-host.example.net';
const DNS_SERVER = '2001:db8:53::53';

/** A client of plain DHCPv6, with a host name; it prints its lease as `client run` prints an event. */
const plainClient = `
  const of = (name) => require(${JSON.stringify(join(tree.cli, '../../client'))} + '/' + name);
  const { openUdpTransport, systemEnvironment } = of('index');
  const { CleartextClient } = of('clear/cleartext-client');
  (async () => {
    const transport = await openUdpTransport({ interfaceName: '${CLIENT_INTERFACE}', addressTimeout: 10000 });
    const link = of('exchange/link-context').openLink(systemEnvironment, transport, () => undefined);
    const leaseRequest = { clientIdentifier: Buffer.from('00030001020304050607', 'hex'), iaid: 0x5ec2e71d, address: true,
      prefix: false, rapidCommit: false, fqdn: '${HOST_NAME}' };
    const client = new CleartextClient(link, leaseRequest, undefined);
    const lease = await client.obtain();
    process.once('SIGTERM', async () => {
      await client.release(lease);
      await transport.close();
    });
    console.log(JSON.stringify({ type: 'bound', lease }));
  })();`;

describe('docs/privacy.md', () => {
  const site = Site.forAllTests();
  let text: string;
  const observed = new Map<string, Row>();

  beforeAll(async () => {
    text = await readFile(page, 'utf8');
    const modes = tableOf(text, 'mode');
    const links = new Map<string, Topology>();
    for (const server of new Set(modes.map((mode) => mode['server'] ?? ''))) {
      const host = await site.testbed.namespace(`server${links.size}`);
      const own: [Topology, number][] = [];
      for (const mode of modes.filter((one) => one['server'] === server)) {
        const link = await createBranch(site.testbed, host, { relayCount: 0, index: links.size });
        own.push([link, links.size]);
        links.set(mode['mode'] ?? '', link);
      }
      await startServer(server, host, own);
    }
    // Twice each, and each time all modes at once: every one has a link of its own.
    const credentials = new Map<string, CredentialFiles>();
    const rounds: Map<string, Heard>[] = [];
    for (const round of [1, 2]) {
      const heard = new Map<string, Heard>();
      await Promise.all(
        modes.map(async ({ mode = '', options = '' }, index) => {
          const link = links.get(mode);
          const own = credentials.get(mode) ?? (await site.pki.client(`host-${index}.example.net`));
          credentials.set(mode, own);
          if (link !== undefined) {
            const file = site.path(`${index}-${round}.pcap`);
            heard.set(mode, await listen(link, file, start(link, options, own), `host-${index}`));
          }
        }),
      );
      rounds.push(heard);
    }
    for (const { mode = '' } of modes) {
      const [first, second] = rounds.map((round) => round.get(mode));
      if (first !== undefined && second !== undefined) {
        observed.set(mode, observe(first, second));
      }
    }
  });

  async function startServer(
    solution: string,
    namespace: Namespace,
    links: readonly (readonly [Topology, number])[],
  ): Promise<void> {
    const kea = {
      namespace,
      interfaces: links.map(([link]) => link.serverSocket),
      subnets: links.map(([link, index]) => branchSubnet(link, index)),
      more: { 'option-data': [{ name: 'dns-servers', data: DNS_SERVER }] },
    };
    if (solution === 'without the hook') {
      await KeaServer.start({ ...kea, directory: site.path('kea') });
      return;
    }
    const [[topology]] = links as [readonly [Topology, number]];
    const credentials = await site.pki.server(`dhcp-${solution.toLowerCase()}.example.net`);
    await site.start({ solution }, { topology, label: solution, credentials, kea });
  }

  /** The command with the options of the page; files and names are put in. */
  function start(
    { client }: Topology,
    options: string,
    { certificate, privateKey }: CredentialFiles,
  ): () => Running {
    const given = /(?<=`)[^`]+(?=`)/.exec(options)?.[0];
    if (given === undefined) {
      return () => client.start(process.execPath, ['-e', plainClient]);
    }
    const args = given.split(' ').flatMap((word) => {
      switch (word) {
        case '--certificate':
          return [word, certificate, '--private-key', privateKey];
        case '--fqdn':
          return [word, HOST_NAME];
        case '--opportunistic':
          return [word, '--timeout', '2'];
        default:
          return [word];
      }
    });
    const common = ['--interface', CLIENT_INTERFACE, '--trust-anchors', site.pki.anchors];
    const command = [tree.cli, 'client', 'run', '--json', '--dry-run', ...common, ...args];
    return () => client.startTree(process.execPath, command);
  }

  /** A lease from beginning to release, overheard on the client's link. */
  async function listen(link: Topology, file: string, begin: () => Running, host: string): Promise<Heard> {
    const capture = await Capture.start(link.client, CLIENT_INTERFACE, file);
    const client = begin();
    const lease = await until(`a lease (${file})`, () => {
      const [first] = leasesOf(client);
      if (first === undefined && !client.isRunning) {
        throw new Error(client.outcome());
      }
      return first;
    });
    await client.stop();
    const datagrams = (await capture.stopForDatagrams()).filter(
      ({ sourcePort: port }) => port === 546 || port === 547,
    );
    return { datagrams, lease, host, fqdn: HOST_NAME, dnsServer: DNS_SERVER };
  }

  it('has the modes of one table as the columns of the other', () => {
    const modes = tableOf(text, 'mode').map(({ mode }) => mode ?? '');
    expect(modes.length).toBeGreaterThan(5);
    expect(Object.keys(tableOf(text, 'what')[0] ?? {})).toEqual(['what', ...modes]);
    expect([...observed.keys()]).toEqual(modes);
  });

  it.each([
    'cleartext',
    'A',
    'A, public',
    'B',
    'B, public',
    'in clear',
    'anonymous',
    'anonymous, certificate',
    'anonymous, B',
    'anonymous, in clear',
  ])('states what is seen in the mode %s', (mode) => {
    const documented = tableOf(text, 'what').map((row) => [row['what'] ?? '', row[mode] ?? '']);
    expect(Object.fromEntries(documented)).toEqual(observed.get(mode));
  });

  it('covers every mode', () => {
    expect(tableOf(text, 'mode')).toHaveLength(10);
  });
});
