// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRelay, isRelay } from '../../../src/dhcpv6';
import { tableOf } from '../../support/markdown-table';
import {
  Capture,
  CLIENT_INTERFACE,
  perfdhcp,
  Site,
  startEncryptedClient,
  typesOf,
  until,
  type Namespace,
  type Running,
  type StartRelay,
  type Topology,
} from '../support';

const SERVER_PORT = 547;
const OPTION_RELAY_MESSAGE = 9;
/** Kea's Ethernet and the relays' carry no more in one packet. */
const MTU = 1500;
/** An Advertise and a Reply in clear, a Solicit and a Request. */
const CLEARTEXT = { asked: [1, 3], answered: [2, 7] };
const NAMES: Readonly<Record<string, number>> = {
  'Encrypted-Query': 251,
  'Encrypted-Response': 252,
  'Encrypted-Request': 253,
};

/** Starts a relay agent of Debian's and waits until it hears clients. */
async function listening(
  namespace: Namespace,
  downstream: string,
  command: string,
  args: readonly string[],
): Promise<Running> {
  const relay = namespace.start(command, args);
  await until(
    () => `the relay agent to listen: ${relay.outcome()}`,
    () => relay.isRunning && namespace.hasJoined(downstream, 'ff02::1:2'),
  );
  return relay;
}

/** By their names in docs/relays.md. */
const agents: Readonly<Record<string, StartRelay>> = {
  'ISC dhcrelay': (namespace, _, { downstream, upstreamAddress }) => {
    const interfaces = ['-l', downstream, '-u', `${upstreamAddress}%up`];
    return listening(namespace, downstream, 'dhcrelay', ['-6', '-d', '--no-pid', ...interfaces]);
  },
  'WIDE dhcp6relay': (namespace, directory, { downstream, upstreamAddress }) => {
    const files = ['-p', join(directory, 'dhcp6relay.pid')];
    const args = ['-d', '-f', ...files, '-s', upstreamAddress, '-r', 'up', downstream];
    return listening(namespace, downstream, 'dhcp6relay', args);
  },
  dnsmasq: (namespace, directory, { downstream, linkAddress, upstreamAddress }) => {
    const files = [
      '--conf-file=/dev/null',
      '--pid-file=',
      `--dhcp-leasefile=${join(directory, 'dnsmasq.leases')}`,
    ];
    const relay = `--dhcp-relay=${linkAddress},${upstreamAddress}`;
    const args = ['--keep-in-foreground', '--log-facility=-', '--user=root', '--port=0', ...files, relay];
    return listening(namespace, downstream, 'dnsmasq', args);
  },
};

/** Message types, each once: what a client has sent, and what of it and of the answers got past the relay. */
interface Passage {
  readonly asked: readonly number[];
  readonly forwarded: readonly number[];
  readonly answered: readonly number[];
  readonly delivered: readonly number[];
  readonly longest: number;
}

/** What docs/relays.md says of a client and a server with a relay agent between them. */
describe('docs/relays.md', () => {
  const site = Site.forAllTests();
  const documented = new Map<string, string>();
  const observed = new Map<
    string,
    { readonly cell: string; readonly clear: number; readonly passage: Passage }
  >();

  beforeAll(async () => {
    const text = await readFile(join(__dirname, '../../../docs/relays.md'), 'utf8');
    for (const row of tableOf(text, 'relay agent')) {
      for (const solution of ['A', 'B']) {
        documented.set(`${row['relay agent'] ?? ''}, ${solution}`, row[`solution ${solution}`] ?? '');
      }
    }
    await site.connectBranches(Object.values(agents));
    // Whatever shows certificates does not fit into one packet.
    await site.replaceAuthority({ keyType: 'P-384', intermediates: 3 });
    const issue = { keyType: 'P-384' } as const;
    const kea = await site.start({ solution: 'B' }, { issue });
    await observeAll('B');
    await kea.configure(await site.settings({ solution: 'A' }, { issue }));
    expect(await kea.reload()).toMatchObject({ result: 0 });
    await observeAll('A');
    await kea.stop();
  });

  async function observeAll(solution: string): Promise<void> {
    await Promise.all(
      Object.keys(agents).map(async (agent, index) => {
        const row = `${agent}, ${solution}`;
        observed.set(row, await observe(index, solution, documented.get(row) ?? ''));
      }),
    );
  }

  /** @param expected what the page has for it: tells only when to stop waiting for more */
  async function observe(
    index: number,
    solution: string,
    expected: string,
  ): Promise<{ cell: string; clear: number; passage: Passage }> {
    const link = site.link(index);
    const here = `${index}-${solution}`;
    const near = await Capture.start(link.client, CLIENT_INTERFACE, site.path(`near-${here}.pcap`));
    const far = await Capture.start(link.server, serverInterface(link), site.path(`far-${here}.pcap`));
    const options = { topology: link, name: `${here}.example.net`, issue: { keyType: 'P-384' } } as const;
    const client = startEncryptedClient(
      'lease',
      await site.client({ ...options, more: ['--solution', solution] }),
    );
    const dropped = NAMES[expected.replace(' is dropped', '')];
    if (dropped === undefined) {
      await client.exited;
    } else {
      const isIt = (payload: Buffer): boolean => payload[0] === dropped || relayed(payload)?.[0] === dropped;
      const side = expected.startsWith('Encrypted-Response') ? far : near;
      await side.waitFor(`${expected.split(' ')[0] ?? ''} on ${here}`, ({ payload }) => isIt(payload));
    }
    const { code } = await client.stop('SIGKILL');

    // A relay forwards in order: what it has not forwarded before this it will not forward any more.
    const { requestReply } = await perfdhcp({ namespace: link.client, clients: 1, exchanges: 1 });
    const passage = passageOf(await near.stopForDatagrams(), await far.stopForPayloads());
    const lost =
      passage.asked.find((type) => !passage.forwarded.includes(type)) ??
      passage.answered.find((type) => !passage.delivered.includes(type));
    const name = Object.entries(NAMES).find(([, type]) => type === lost)?.[0] ?? String(lost);
    const outcome = code === 0 ? 'served' : 'no lease, and nothing dropped';
    return {
      cell: lost === undefined ? outcome : `${name} is dropped`,
      clear: requestReply.received,
      passage,
    };
  }

  it.each(Object.keys(agents).flatMap((agent) => [`${agent}, A`, `${agent}, B`]))('%s', (row) => {
    const { cell, clear, passage } = observed.get(row) ?? {};
    expect(cell).toBe(documented.get(row));
    expect(clear).toBe(1);
    expect(passage?.forwarded).toEqual(expect.arrayContaining(CLEARTEXT.asked));
    expect(passage?.delivered).toEqual(expect.arrayContaining(CLEARTEXT.answered));
    expect(passage?.longest).toBeGreaterThan(MTU);
  });

  it('has these relay agents in its table and no other', () => {
    expect([...documented.keys()].sort()).toEqual([...observed.keys()].sort());
  });
});

function serverInterface({ serverSocket }: Topology): string {
  return serverSocket.replace(/\/.*/, '');
}

/** The message that a relay has forwarded, or is to deliver; undefined where this is no relay's. */
function relayed(payload: Buffer): Buffer | undefined {
  return isRelay(payload)
    ? decodeRelay(payload).options.find(({ code }) => code === OPTION_RELAY_MESSAGE)?.data
    : undefined;
}

function passageOf(near: Awaited<ReturnType<Capture['stopForDatagrams']>>, far: readonly Buffer[]): Passage {
  const [RELAY_FORWARD, RELAY_REPLY] = [12, 13];
  const inside = (type: number): number[] =>
    typesOf(far.filter((payload) => payload[0] === type).flatMap((payload) => relayed(payload) ?? []));
  const nearTo = (isServer: boolean): Buffer[] =>
    near
      .filter(({ destinationPort }) => (destinationPort === SERVER_PORT) === isServer)
      .map(({ payload }) => payload);
  return {
    asked: typesOf(nearTo(true)),
    forwarded: inside(RELAY_FORWARD),
    answered: inside(RELAY_REPLY),
    delivered: typesOf(nearTo(false)),
    longest: Math.max(...near.map(({ payload }) => payload.length)),
  };
}
