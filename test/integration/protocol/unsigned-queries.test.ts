// SPDX-License-Identifier: MPL-2.0
import { MessageType } from '../../../src/dhcpv6';
import { addressIn, KnownServer, Party } from '../attacks/support/party';
import { whatIsTold } from '../attacks/support/range';
import { member, stranger } from '../attacks/support/signers';
import { Wire } from '../attacks/support/wire';
import {
  branchSubnet,
  CLIENT_INTERFACE,
  createBranch,
  dropCounts,
  dropsDuring,
  enginePid,
  KeaServer,
  SERVER_INTERFACE,
  Site,
  until,
  type CredentialFiles,
  type KeaOptions,
  totalDrops,
} from '../support';
import { LiteralClient, type LiteralQuery } from '../support/literal-client';

/** The links of one server: its own, and three behind relays. */
const links = ['direct', 'relayed', 'elsewhere', 'same link-address'] as const;
type Link = (typeof links)[number];

/** docs/protocol.md 9: an unsigned query is taken to come from whoever authenticated from its address last. */
describe.each(['A', 'B'] as const)('unsigned queries with draft-literal in solution %s', (solution) => {
  let credentials: CredentialFiles;
  let kea: KeaServer;
  let impostor: Wire;
  let sockets: Pick<KeaOptions, 'interfaces' | 'subnets'>;
  const wires = new Map<Link, Wire>();

  // Before the site goes, and the server with it.
  afterAll(async () => {
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  const site = Site.forAllTests();

  beforeAll(async () => {
    const { testbed } = site;
    credentials = await site.pki.server();
    const server = await testbed.namespace('server');
    const client = await testbed.namespace('client');
    const neighbour = await testbed.namespace('neighbour');
    await testbed.link('switch', [
      [server, SERVER_INTERFACE],
      [client, CLIENT_INTERFACE],
      [neighbour, CLIENT_INTERFACE],
    ]);
    site.place({ client, server, serverSocket: SERVER_INTERFACE, relays: [] });
    const relayed = await createBranch(testbed, server, { relayCount: 1, index: 1 });
    const elsewhere = await createBranch(testbed, server, { relayCount: 1, index: 2 });
    const linkAddress = '2001:db8:2::1';
    const namesake = await createBranch(testbed, server, { relayCount: 1, index: 3, linkAddress });
    const branches = [site.topology, relayed, elsewhere, namesake];
    sockets = {
      interfaces: branches.map(({ serverSocket }) => serverSocket),
      subnets: branches.slice(0, 3).map(branchSubnet),
    };
    kea = await KeaServer.start(await settings(true));
    for (const [index, branch] of branches.entries()) {
      wires.set(links[index] ?? 'direct', await Wire.open(testbed, branch.client));
    }
    impostor = await Wire.open(testbed, neighbour);
  });

  function settings(draftLiteral: boolean): Promise<KeaOptions> {
    const blocklist = { count: 0 };
    const parameters = { solution, 'draft-literal': draftLiteral, blocklist };
    return site.settings(parameters, { credentials, kea: sockets });
  }

  function wireOn(link: Link): Wire {
    const wire = wires.get(link);
    if (wire === undefined) {
      throw new Error(`no link ${link}`);
    }
    return wire;
  }

  /** A client with a certificate; it has not authenticated. */
  async function newClient(link: Link, address: string): Promise<LiteralClient> {
    const wire = wireOn(link);
    const sender = await wire.client(address);
    const signer = await member(site.pki.authority);
    return new LiteralClient(new Party(wire, sender, signer, KnownServer.of(credentials)));
  }

  async function knownClient(link: Link, address: string): Promise<LiteralClient> {
    const client = await newClient(link, address);
    await client.authenticate(solution);
    return client;
  }

  /** What refusals are answered by (docs/protocol.md 7 and 8); a copy by nothing. */
  const told: Readonly<Record<string, string>> = { 'key-unknown': 'report', 'identity-refused': 'response' };

  /** A query that the server refuses for this reason alone. */
  async function expectRefused(
    reason: string,
    query: LiteralQuery,
    wire: Wire,
    address: string,
  ): Promise<void> {
    const leases = await kea.leases();
    const sender = await wire.client(address);
    const before = wire.received.length;
    expect(await dropsDuring(kea, 1, () => wire.send([query.octets], sender))).toEqual({ [reason]: 1 });
    const kind = told[reason];
    if (kind !== undefined) {
      expect(whatIsTold(await until('the answer', () => wire.answerTo(query.octets, sender, before)))).toBe(
        kind,
      );
    } else {
      expect(wire.received).toHaveLength(before);
    }
    expect(await kea.leases()).toEqual(leases);
  }

  async function leasedTo(client: LiteralClient): Promise<string[]> {
    const duid = client.party.duid.toString('hex');
    return (await kea.leases()).filter((lease) => lease.duid === duid).map(({ address }) => address);
  }

  it.each(['direct', 'relayed'] as const)('serves a %s client where it has authenticated', async (link) => {
    const client = await knownClient(link, 'fe80::1:1');
    const address = await client.lease();
    expect(await leasedTo(client)).toEqual([address]);
    expect(addressIn(await client.ask(client.query(MessageType.Renew)))).toBe(address);
    await client.ask(client.query(MessageType.Release));
    expect(await leasedTo(client)).toEqual([]);
  });

  it.each(['direct', 'relayed'] as const)('refuses a %s client from another address', async (link) => {
    const client = await knownClient(link, 'fe80::2:1');
    await expectRefused('key-unknown', client.query(MessageType.Solicit), wireOn(link), 'fe80::2:2');
    await client.lease();
  });

  it.each(['direct', 'relayed'] as const)('refuses a %s client that has not authenticated', async (link) => {
    const client = await newClient(link, 'fe80::3:1');
    await expectRefused('key-unknown', client.query(MessageType.Solicit), wireOn(link), 'fe80::3:1');
  });

  it.each([
    ['relayed', 'direct'],
    ['direct', 'relayed'],
    ['relayed', 'elsewhere'],
    ['relayed', 'same link-address'],
  ] as const)('refuses the address of a %s client on another link: %s', async (known, other) => {
    const address = `fe80::4:${links.indexOf(known)}${links.indexOf(other)}`;
    const client = await knownClient(known, address);
    await expectRefused('key-unknown', client.query(MessageType.Solicit), wireOn(other), address);
    // The same query is as it should be where the client has authenticated.
    await client.lease();
  });

  it.each(['direct', 'relayed'] as const)('takes a %s query for the last client there', async (link) => {
    const first = await knownClient(link, 'fe80::5:1');
    await first.lease();
    const second = await knownClient(link, 'fe80::5:1');
    const query = first.query(MessageType.Solicit);
    // The Client Identifier is bound to the first client's key.
    await expectRefused('identity-refused', query, wireOn(link), 'fe80::5:1');
    await second.lease();
  });

  it("lets another host speak for a neighbour's address, without letting it read the answer", async () => {
    const address = 'fe80::6:1';
    const victim = await knownClient('direct', address);
    await victim.lease();
    const host = await impostor.client(address);
    const { party } = victim;
    const posing = new Party(impostor, host, stranger(), KnownServer.of(credentials), party.duid);
    posing.address = party.address;
    const release = new LiteralClient(posing).query(MessageType.Release);

    await impostor.send([release.octets], host);

    await until("the victim's lease to be gone", async () => (await leasedTo(victim)).length === 0);
    const transactionId = release.octets.readUIntBE(1, 3);
    // Either host may get the answer: both have the address.
    const answer = await until('the answer', () =>
      [...wireOn('direct').received, ...impostor.received].find(
        ({ octets }) => octets.readUIntBE(1, 3) === transactionId,
      ),
    );
    // It is encrypted to the victim's key, which the one that asked has not got.
    expect(() => release.context.openResponse(answer.octets, transactionId)).toThrow(/./);
  });

  it('serves a captured query once more after its own restart only', async () => {
    const client = await knownClient('direct', 'fe80::7:1');
    await client.lease();
    const renew = client.query(MessageType.Renew);
    await client.ask(renew);
    await expectRefused('replayed', renew, wireOn('direct'), 'fe80::7:1');

    const engine = await enginePid(kea);
    process.kill(engine, 'SIGKILL');
    await until('another engine', async () => (await enginePid(kea)) !== engine);
    const wire = wireOn('direct');
    const answered = wire.received.length;
    const answers = await until('the captured query to be answered', async () => {
      const dropped = totalDrops(await dropCounts(kea));
      await wire.send([renew.octets], client.party.sender);
      // One at a time: none is to be on its way still when the next step counts.
      await until(
        'it to be answered or dropped',
        async () => wire.received.length > answered || totalDrops(await dropCounts(kea)) > dropped,
      );
      return wire.received.length > answered && wire.received.slice(answered);
    });
    expect(answers).toHaveLength(1);
    await expectRefused('replayed', renew, wire, 'fe80::7:1');
  });

  it('are turned away without that setting', async () => {
    const direct = await knownClient('direct', 'fe80::8:1');
    const relayed = await knownClient('relayed', 'fe80::8:2');
    await direct.lease();
    await relayed.lease();

    await kea.configure(await settings(false));
    expect(await kea.reload()).toMatchObject({ result: 0 });

    for (const [client, link] of [
      [direct, 'direct'],
      [relayed, 'relayed'],
    ] as const) {
      await client.party.authenticate(solution);
      // The key of the certificate is none that it encrypts to.
      const answer = await wireOn(link).ask(client.query(MessageType.Renew).octets, client.party.sender);
      expect(whatIsTold(answer)).toBe(solution === 'A' ? 'announcement' : 'retry');
      await client.party.renew();
      expect(await leasedTo(client)).toEqual([client.party.address]);
    }
  });
});
