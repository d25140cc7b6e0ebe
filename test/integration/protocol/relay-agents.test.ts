// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRelay, isRelay } from '../../../src/dhcpv6';
import { tableOf } from '../../support/markdown-table';
import {
  branchSubnet,
  Capture,
  CLIENT_INTERFACE,
  encryptedClient,
  exchangeOk,
  leaseOk,
  perfdhcp,
  RunningClient,
  Site,
  typesOf,
  until,
  type Datagram,
  type EncryptedClientOptions,
  type Namespace,
  type Running,
  type StartRelay,
  type Topology,
} from '../support';

const SERVER_PORT = 547;
const OPTION_RELAY_MESSAGE = 9;
const [RELAY_FORWARD, RELAY_REPLY] = [12, 13];
/** Kea's Ethernet and the relays' carry no more in one packet. */
const MTU = 1500;
/** A Solicit and a Request in clear, an Advertise and a Reply. */
const CLEARTEXT = { asked: [1, 3], answered: [2, 7] };
const [ENCRYPTED_QUERY, ENCRYPTED_RESPONSE, ENCRYPTED_REQUEST] = [251, 252, 253];
const NAMES: Readonly<Record<number, string>> = {
  [ENCRYPTED_QUERY]: 'Encrypted-Query',
  [ENCRYPTED_RESPONSE]: 'Encrypted-Response',
  [ENCRYPTED_REQUEST]: 'Encrypted-Request',
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

/** It names no link to Kea where it forwards what a client has wrapped. */
const WITHOUT_LINK = 'WIDE dhcp6relay';
const names = Object.keys(agents);

/** Message types, each once: what was sent on the clients' link, and what of it and of the answers got past the relay. */
interface Passage {
  readonly asked: readonly number[];
  readonly forwarded: readonly number[];
  readonly answered: readonly number[];
  readonly delivered: readonly number[];
}

type Way = 'plain' | 'wrapped';

interface Observation {
  /** How the client says that its leases came. */
  readonly ways: readonly (string | undefined)[];
  readonly released: unknown;
  /** Exchanges in clear that were completed. */
  readonly clear: number;
  readonly passages: Readonly<Record<Way, Passage>>;
  /** Octets of the longest datagram on the clients' link. */
  readonly longest: number;
}

/**
 * Through each relay agent of docs/relays.md a client gets a lease, renews it and releases it, in both solutions, and a
 * client in clear is served beside (docs/protocol.md 3, 5.3): plain messages fare as the page says, and the client says that
 * it is served the way that the page says.
 */
describe('docs/relays.md', () => {
  const site = Site.forAllTests();
  const documented = new Map<string, { readonly plain: string; readonly way: string }>();
  const observed = new Map<string, Observation>();
  let withoutLink = '';

  beforeAll(async () => {
    const text = await readFile(join(__dirname, '../../../docs/relays.md'), 'utf8');
    for (const row of tableOf(text, 'relay agent')) {
      const cell = (column: string): string => row[column] ?? '';
      for (const solution of ['A', 'B']) {
        const fate = { plain: cell(`solution ${solution}`), way: cell("the client's way") };
        documented.set(`${cell('relay agent')}, ${solution}`, fate);
      }
    }
    await site.connectBranches(Object.values(agents));
    // What carries certificates does not fit into one packet.
    await site.replaceAuthority({ keyType: 'P-384', intermediates: 3 });
    const issue = { keyType: 'P-384' } as const;
    const subnets = names.map((name, index) => ({
      ...branchSubnet(site.link(index), index),
      ...(name === WITHOUT_LINK && { interface: serverInterface(site.link(index)) }),
    }));
    const server = { issue, kea: { subnets } };
    const kea = await site.start({ solution: 'B' }, server);
    await observeAll('B');
    await kea.configure(await site.settings({ solution: 'A' }, server));
    expect(await kea.reload()).toMatchObject({ result: 0 });
    await observeAll('A');

    await kea.configure(await site.settings({ solution: 'A' }, { issue }));
    expect(await kea.reload()).toMatchObject({ result: 0 });
    const index = names.indexOf(WITHOUT_LINK);
    const { stderr } = await encryptedClient('lease', await client(index, 'A', 'without-link'));
    withoutLink = stderr;
    await kea.stop();
  });

  function client(index: number, solution: string, name: string): Promise<EncryptedClientOptions> {
    const more = ['--solution', solution];
    return site.client({ topology: site.link(index), name, issue: { keyType: 'P-384' }, more });
  }

  async function observeAll(solution: string): Promise<void> {
    await Promise.all(
      names.map(async (name, index) => {
        observed.set(`${name}, ${solution}`, await observe(index, solution));
      }),
    );
  }

  async function observe(index: number, solution: string): Promise<Observation> {
    const link = site.link(index);
    const here = `${index}-${solution}`;
    const near = await Capture.start(link.client, CLIENT_INTERFACE, site.path(`near-${here}.pcap`));
    const far = await Capture.start(link.server, serverInterface(link), site.path(`far-${here}.pcap`));
    const options = await client(index, solution, here);
    const { anchors, credentials, leaseFile = '' } = options;

    const daemon = RunningClient.start(link.client, [
      ...['--private-key', credentials.privateKey, '--certificate', credentials.certificate],
      ...['--trust-anchors', anchors, '--lease-file', leaseFile, '--no-release', '--solution', solution],
    ]);
    const bound = await daemon.event('bound');
    await daemon.signal('USR1');
    const renewed = await daemon.event('renewed');
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    // Else perfdhcp would send from the address that the daemon has left there.
    await link.client.runOk('ip', ['-6', 'address', 'flush', 'dev', CLIENT_INTERFACE, 'scope', 'global']);
    const { requestReply } = await perfdhcp({ namespace: link.client, clients: 1, exchanges: 1 });
    // Another process knows the way from the lease file.
    const again = await leaseOk('renew', options);
    const released = await exchangeOk('release', options);

    const nearby = await near.stopForDatagrams();
    return {
      ways: [bound.lease, renewed.lease, again].map((lease) => lease?.way),
      released,
      clear: requestReply.received,
      passages: passagesOf(nearby, await far.stopForPayloads()),
      longest: Math.max(...nearby.map(({ payload }) => payload.length)),
    };
  }

  it.each(names.flatMap((name) => [`${name}, A`, `${name}, B`]))('%s', (row) => {
    const page = documented.get(row);
    const { ways, released, clear, passages, longest } = observed.get(row)!;
    expect(outcomeOf(passages.plain)).toBe(page?.plain);
    expect(ways).toEqual([page?.way, page?.way, page?.way]);
    expect(passages[page?.way as Way]).toMatchObject({
      forwarded: expect.arrayContaining([ENCRYPTED_QUERY]) as unknown,
      delivered: expect.arrayContaining([ENCRYPTED_RESPONSE]) as unknown,
    });
    expect(released).toMatchObject({ acknowledged: true });
    expect(longest).toBeGreaterThan(MTU);

    expect(clear).toBe(1);
    expect(passages.plain.forwarded).toEqual(expect.arrayContaining(CLEARTEXT.asked));
    expect(passages.plain.delivered).toEqual(expect.arrayContaining(CLEARTEXT.answered));
  });

  it(`${WITHOUT_LINK}: the server has nothing to give where its subnet does not name the interface`, () => {
    expect(withoutLink).toContain('has no address or prefix to give');
  });

  it('has these relay agents in its table and no other', () => {
    expect([...documented.keys()].sort()).toEqual([...observed.keys()].sort());
  });
});

function serverInterface({ serverSocket }: Topology): string {
  return serverSocket.replace(/\/.*/, '');
}

/** The message in a Relay-forward or Relay-reply; undefined if this is none. */
function relayed(payload: Buffer): Buffer | undefined {
  return isRelay(payload)
    ? decodeRelay(payload).options.find(({ code }) => code === OPTION_RELAY_MESSAGE)?.data
    : undefined;
}

/** What became of plain messages, in the page's words. */
function outcomeOf({ asked, forwarded, answered, delivered }: Passage): string {
  const lost =
    asked.find((type) => !forwarded.includes(type)) ?? answered.find((type) => !delivered.includes(type));
  return lost === undefined ? 'served' : `${NAMES[lost] ?? String(lost)} is dropped`;
}

/** @param far from beyond the relay agent, whose own relay message is around each */
function passagesOf(near: readonly Datagram[], far: readonly Buffer[]): Observation['passages'] {
  const beyond = (type: number): Buffer[] =>
    far.filter((payload) => payload[0] === type).flatMap((payload) => relayed(payload) ?? []);
  const nearTo = (isServer: boolean): Buffer[] =>
    near
      .filter(
        ({ destinationPort, payload }) =>
          (destinationPort === SERVER_PORT && payload[0] !== RELAY_REPLY) === isServer,
      )
      .map(({ payload }) => payload);
  const passage = (only: (payloads: readonly Buffer[]) => readonly Buffer[]): Passage => ({
    asked: typesOf(only(nearTo(true))),
    forwarded: typesOf(only(beyond(RELAY_FORWARD))),
    answered: typesOf(only(beyond(RELAY_REPLY))),
    delivered: typesOf(only(nearTo(false))),
  });
  return {
    plain: passage((payloads) => payloads.filter((payload) => !isRelay(payload))),
    wrapped: passage((payloads) => payloads.flatMap((payload) => relayed(payload) ?? [])),
  };
}
