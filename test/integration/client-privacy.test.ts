// SPDX-License-Identifier: MPL-2.0
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveDuid, parseEnvelope } from '../../src/crypto';
import {
  decodeMessage,
  findOption,
  IaNaOption,
  type Message,
  OptionCode,
  readOptions,
} from '../../src/dhcpv6';
import { defaultCodePoints } from '../../src/protocol';
import {
  branchSubnet,
  Capture,
  CLIENT_INTERFACE,
  createBranch,
  type CredentialFiles,
  type Datagram,
  hookedKea,
  ipv6Octets,
  KeaServer,
  type Namespace,
  type Running,
  SERVER_DUID,
  Testbed,
  TestPki,
  type Topology,
  tree,
  until,
} from './support';

jest.setTimeout(180_000);

const page = join(__dirname, '../../docs/privacy.md');
const HOST_NAME = 'secret-host.example.net';
const DNS_SERVER = '2001:db8:53::53';
const [SOLICIT, REPLY, RELEASE] = [1, 7, 8];
const { messageTypes, optionCodes } = defaultCodePoints;
/** The ciphertext's step, and the AEAD's tag behind it (docs/protocol.md 4). */
const [STEP, TAG] = [128, 16];

type Row = Readonly<Record<string, string>>;

/** A table of the page, by the first column's heading: its rows, cells by the column's heading. */
function tableOf(text: string, first: string): Row[] {
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const lines =
    text
      .split('\n\n')
      .find((part) => part.startsWith(`| ${first} `))
      ?.split('\n') ?? [];
  const [head = '', , ...rows] = lines.filter((line) => line.startsWith('|'));
  const names = cells(head);
  return rows.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? '', cell])));
}

interface Lease {
  readonly clientIdentifier: string;
  readonly addresses: readonly {
    readonly iaid: number;
    readonly items: readonly { readonly address: string }[];
  }[];
}

/** What one client has said and heard from its first message to its last, and what it has got. */
interface Heard {
  readonly datagrams: readonly Datagram[];
  readonly lease: Lease;
  readonly host: string;
}

/** A client that speaks DHCPv6 as it is, with a host name; it prints its lease as `client run` prints an event. */
const plainClient = `
  const of = (name) => require(${JSON.stringify(join(tree.cli, '../../client'))} + '/' + name);
  const { openUdpTransport, systemEnvironment } = of('index');
  const { CleartextClient } = of('cleartext-client');
  (async () => {
    const transport = await openUdpTransport({ interfaceName: '${CLIENT_INTERFACE}', addressTimeout: 10000 });
    const link = of('context').openLink(systemEnvironment, transport, () => undefined);
    const wishes = { clientIdentifier: Buffer.from('00030001020304050607', 'hex'), iaid: 0x5ec2e71d, address: true,
      prefix: false, rapidCommit: false, fqdn: '${HOST_NAME}' };
    const client = new CleartextClient(link, wishes, undefined);
    const lease = await client.obtain();
    console.log(JSON.stringify({ type: 'bound', lease }));
    process.once('SIGTERM', async () => {
      await client.release(lease);
      await transport.close();
    });
  })();`;

describe('docs/privacy.md', () => {
  let testbed: Testbed;
  let pki: TestPki;
  let text: string;
  const observed = new Map<string, Row>();

  beforeAll(async () => {
    text = await readFile(page, 'utf8');
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
    const modes = tableOf(text, 'mode');
    const links = new Map<string, Topology>();
    for (const server of new Set(modes.map((mode) => mode['server'] ?? ''))) {
      const host = await testbed.namespace(`server${links.size}`);
      const own: [Topology, number][] = [];
      for (const mode of modes.filter((one) => one['server'] === server)) {
        const link = await createBranch(testbed, host, { relayCount: 0, index: links.size });
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
          const own = credentials.get(mode) ?? (await pki.client(`host-${index}.example.net`));
          credentials.set(mode, own);
          if (link !== undefined) {
            const file = join(testbed.directory, `${index}-${round}.pcap`);
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

  afterAll(() => testbed.close());

  async function startServer(
    solution: string,
    namespace: Namespace,
    links: readonly (readonly [Topology, number])[],
  ): Promise<void> {
    const directory = join(testbed.directory, `kea-${namespace.name}`);
    const kea = {
      namespace,
      directory,
      interfaces: links.map(([link]) => link.serverSocket),
      subnets: links.map(([link, index]) => branchSubnet(link, index)),
      more: { 'option-data': [{ name: 'dns-servers', data: DNS_SERVER }] },
    };
    if (solution === 'without the hook') {
      await KeaServer.start(kea);
      return;
    }
    const state = join(testbed.directory, `state-${solution}`);
    await mkdir(state);
    const [[topology]] = links as [readonly [Topology, number]];
    const parameters = { solution, 'state-directory': state };
    const server = await pki.server(`dhcp-${solution.toLowerCase()}.example.net`);
    await KeaServer.start(await hookedKea(testbed, topology, { pki, credentials: server, parameters, kea }));
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
    const common = ['--interface', CLIENT_INTERFACE, '--json', '--dry-run', '--trust-anchors', pki.anchors];
    return () => client.startTree(process.execPath, [tree.cli, 'client', 'run', ...common, ...args]);
  }

  /** A lease from beginning to release, overheard on the client's link. */
  async function listen(link: Topology, file: string, begin: () => Running, host: string): Promise<Heard> {
    const capture = await Capture.start(link.client, CLIENT_INTERFACE, file);
    const client = begin();
    const line = await until(
      `a lease (${file})`,
      () => {
        const found = client.stdout
          .split('\n')
          .find((one) => one.startsWith('{') && one.includes('"type":"bound"') && one.endsWith('}'));
        if (found === undefined && !client.isRunning) {
          throw new Error(client.outcome());
        }
        return found;
      },
      60_000,
    );
    await client.stop();
    const { lease } = JSON.parse(line) as { readonly lease: Lease };
    const datagrams = (await capture.stopForDatagrams()).filter(
      ({ sourcePort: port }) => port === 546 || port === 547,
    );
    return { datagrams, lease, host };
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
    'A, private',
    'B',
    'in clear',
    'anonymous',
    'anonymous, private',
    'anonymous, B',
    'anonymous, in clear',
  ])('tells what is seen in the mode %s', (mode) => {
    const documented = tableOf(text, 'what').map((row) => [row['what'] ?? '', row[mode] ?? '']);
    expect(Object.fromEntries(documented)).toEqual(observed.get(mode));
  });

  it('tells of every mode', () => {
    expect(tableOf(text, 'mode')).toHaveLength(9);
  });
});

/** What two leases of one client show, in the words of the page. */
function observe(first: Heard, second: Heard): Row {
  const twice = (find: (heard: Heard) => readonly string[]): string => compare(find(first), find(second));
  const either = (isSeen: (heard: Heard) => boolean): string =>
    isSeen(first) && isSeen(second) ? 'seen' : isSeen(first) || isSeen(second) ? 'sometimes' : 'hidden';
  const duid = twice(({ datagrams, lease }) => [
    ...shown(datagrams, Buffer.from(lease.clientIdentifier, 'hex')),
    ...optionsOf(datagrams, OptionCode.ClientIdentifier),
  ]);
  const derived = twice(({ datagrams, lease }) =>
    clientKeys(datagrams)
      .map((key) => deriveDuid(Buffer.from(key, 'hex')).toString('hex'))
      .filter((one) => one === lease.clientIdentifier),
  );
  return {
    "the client's DUID": duid === 'hidden' && derived !== 'hidden' ? `${derived} (computable)` : duid,
    IAID: twice(({ datagrams, lease }) => [
      ...shown(datagrams, iaidOf(lease)),
      ...messagesOf(datagrams).flatMap(({ options }) =>
        readOptions(options, IaNaOption).map(({ iaid }) => iaid.toString(16).padStart(8, '0')),
      ),
    ]),
    'host name': twice(({ datagrams }) => shown(datagrams, Buffer.from(HOST_NAME.split('.')[0] ?? ''))),
    "the client's certificate, name": twice(({ datagrams, host }) => [
      ...optionsOf(datagrams, optionCodes.certificate, 'client'),
      ...shown(datagrams, Buffer.from(host)),
    ]),
    "the client's public key": twice(({ datagrams }) => clientKeys(datagrams)),
    'options asked for': twice(({ datagrams }) => optionsOf(datagrams, OptionCode.OptionRequest)),
    'transaction-ids': twice(({ datagrams }) =>
      messagesOf(datagrams).map(({ transactionId }) => String(transactionId)),
    ),
    "the host's clock": either(
      ({ datagrams }) => optionsOf(datagrams, optionCodes.timestamp, 'client').length > 0,
    ),
    'link-local address': twice(({ datagrams }) => clientsOnly(datagrams).map(({ source }) => source)),
    'address leased': either(({ datagrams, lease }) => shown(datagrams, addressOf(lease)).length > 0),
    'DNS servers': either(({ datagrams }) => shown(datagrams, ipv6Octets(DNS_SERVER)).length > 0),
    'which exchange (Release)': either(({ datagrams }) =>
      messagesOf(datagrams).some(({ msgType }) => msgType === RELEASE),
    ),
    "the server's DUID": either(({ datagrams }) => shown(datagrams, SERVER_DUID).length > 0),
    "the server's certificate": either(
      ({ datagrams }) => optionsOf(datagrams, optionCodes.certificate, 'server').length > 0,
    ),
    'sizes of messages': sizes([...first.datagrams, ...second.datagrams]),
  };
}

function compare(one: readonly string[], other: readonly string[]): string {
  const [first, second] = [new Set(one), new Set(other)];
  if (first.size === 0 && second.size === 0) {
    return 'hidden';
  }
  const common = [...first].filter((value) => second.has(value)).length;
  return common === 0 && first.size > 0 && second.size > 0
    ? 'new'
    : common === first.size && common === second.size
      ? 'same'
      : 'mixed';
}

function clientsOnly(datagrams: readonly Datagram[]): Datagram[] {
  return datagrams.filter(({ destinationPort }) => destinationPort === 547);
}

function messagesOf(datagrams: readonly Datagram[]): Message[] {
  return datagrams.map(({ payload }) => decodeMessage(payload));
}

/** The octets, in hexadecimal, where any datagram has them. */
function shown(datagrams: readonly Datagram[], octets: Buffer): string[] {
  return datagrams.some(({ payload }) => payload.includes(octets)) ? [octets.toString('hex')] : [];
}

/** The data of each option of a code that stands in clear. */
function optionsOf(datagrams: readonly Datagram[], code: number, sender?: 'client' | 'server'): string[] {
  const sent = datagrams.filter(
    ({ destinationPort }) => sender === undefined || (destinationPort === 547) === (sender === 'client'),
  );
  return messagesOf(sent).flatMap(({ options }) =>
    options.filter((option) => option.code === code).map(({ data }) => data.toString('hex')),
  );
}

/** SubjectPublicKeyInfos of the client's that stand in clear, bare or in a certificate. */
function clientKeys(datagrams: readonly Datagram[]): string[] {
  const certified = optionsOf(datagrams, optionCodes.certificate, 'client').map((certificate) =>
    new X509Certificate(Buffer.from(certificate, 'hex')).publicKey
      .export({ type: 'spki', format: 'der' })
      .toString('hex'),
  );
  return [...optionsOf(datagrams, optionCodes['public-key'], 'client'), ...certified];
}

function iaidOf({ addresses: [association] }: Lease): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(association?.iaid ?? 0);
  return octets;
}

function addressOf({ addresses: [association] }: Lease): Buffer {
  return ipv6Octets(association?.items[0]?.address ?? '::');
}

function sizes(datagrams: readonly Datagram[]): string {
  const messages = messagesOf(datagrams);
  if (messages.some(({ msgType }) => msgType === REPLY)) {
    return 'exact';
  }
  const lengths = messages
    .filter(({ msgType }) => msgType !== SOLICIT)
    .flatMap(({ options }) => findOption(options, optionCodes['encrypted-message'])?.data ?? [])
    .map((data) => parseEnvelope(data).ciphertext.length - TAG);
  const types = new Set(messages.map(({ msgType }) => msgType));
  const isWhole = types.has(messageTypes['encrypted-query']) && types.has(messageTypes['encrypted-response']);
  return isWhole && lengths.every((length) => length % STEP === 0) ? 'steps' : 'mixed';
}
