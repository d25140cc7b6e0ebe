// SPDX-License-Identifier: MPL-2.0
import { Wire } from '../attacks/support/wire';
import {
  Capture,
  CLIENT_INTERFACE,
  ClockedClient,
  dropCounts,
  enginePid,
  ServerPair,
  Site,
  until,
  type ClientLease,
  type CredentialFiles,
  type EncryptedClientOptions,
  type KeaServer,
  type PairServer,
} from '../support';

const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;
const DECRYPTED = 'encryption-decrypted';

/** Both hear all that the client multicasts; it deals with one of them at a time (docs/protocol.md 5). */
describe.each([
  ['A', 'encryption-replied'],
  ['B', 'encryption-sealed'],
] as const)('of two servers of solution %s', (solution, answered) => {
  let pair: ServerPair;
  let clients = 0;

  // Before the site goes, and the servers with it.
  afterAll(async () => {
    const exits = [await pair.one.kea.stop(), await pair.two.kea.stop()];
    expect(exits).toMatchObject([{ code: 0 }, { code: 0 }]);
  });

  const site = Site.forAllTests();

  beforeAll(async () => {
    pair = await ServerPair.start(site, solution);
  });

  const both = (): readonly PairServer[] => [pair.one, pair.two];
  const find = (which: 'one' | 'two'): PairServer => pair[which];

  async function newClient(): Promise<CredentialFiles> {
    clients += 1;
    return site.pki.client(`client-${clients}.example.net`);
  }

  function options(credentials: CredentialFiles, serverName?: string): EncryptedClientOptions {
    const { topology } = pair;
    const more = ['--solution', solution];
    return { topology, anchors: site.pki.anchors, credentials, more, ...(serverName && { serverName }) };
  }

  /** How often each server has authenticated itself to a client. */
  function authentications(): Promise<number[]> {
    return Promise.all(both().map(({ kea }) => kea.statistic(answered)));
  }

  /** How many packets an engine was too late for, or not there for. */
  async function missed(): Promise<number> {
    const counts = await Promise.all(
      both().flatMap(({ kea }) => [drops(kea, 'engine-timeout'), drops(kea, 'engine-down')]),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** A client that both servers have authenticated themselves to, and that waits for more of them. */
  async function startClient(credentials: CredentialFiles, serverName?: string): Promise<ClockedClient> {
    const before = await authentications();
    const missedBefore = await missed();
    const client = await ClockedClient.start(site.testbed, 'lease', options(credentials, serverName));
    const areBothThere = await until('both servers to answer', async () => {
      const present = await authentications();
      const isDone = present.every((count, index) => count > (before[index] ?? 0));
      return isDone ? 'yes' : (await missed()) > missedBefore && 'no';
    });
    if (areBothThere === 'yes') {
      return client;
    }
    await client.stop();
    return startClient(credentials, serverName);
  }

  async function lease(serverName?: string, credentials?: CredentialFiles): Promise<ClientLease> {
    const client = await startClient(credentials ?? (await newClient()), serverName);
    client.jump();
    return client.lease();
  }

  async function expectLeasedBy(server: PairServer, given: ClientLease): Promise<void> {
    const address = given.addresses[0]?.address ?? '';
    expect(given.serverIdentifier).toBe(server.duid);
    expect(address.startsWith(server.addresses)).toBe(true);
    const leasesOf = async ({ kea }: PairServer): Promise<string[]> =>
      (await kea.leases()).filter(({ duid }) => duid === given.clientIdentifier).map((one) => one.address);
    expect(await leasesOf(server)).toEqual([address]);
    expect(await leasesOf(pair.other(server))).toEqual([]);
  }

  async function drops(kea: KeaServer, reason: string): Promise<number> {
    return (await dropCounts(kea))[reason] ?? 0;
  }

  /** Solution B counts the Solicits that it hands to Kea, too. */
  async function openedQueries(kea: KeaServer): Promise<number> {
    const solicits = await kea.statistic('encryption-received-signed-solicit');
    return (await kea.statistic(DECRYPTED)) - solicits;
  }

  it.each(['one', 'two'] as const)('a client takes the one that is named: %s', async (which) => {
    const server = find(which);
    const { kea: otherKea } = pair.other(server);
    const decrypted = await server.kea.statistic(DECRYPTED);
    const queries = await openedQueries(otherKea);
    const mismatches = await drops(otherKea, 'server-identifier-mismatch');

    await expectLeasedBy(server, await lease(server.name));

    expect(await server.kea.statistic(DECRYPTED)).toBeGreaterThan(decrypted);
    await until(
      'the other one to drop them',
      async () => (await drops(otherKea, 'server-identifier-mismatch')) > mismatches,
    );
    expect(await openedQueries(otherKea)).toBe(queries);
  });

  it('a client without a name to go by takes one, and leaves the other alone', async () => {
    const given = await lease();
    await expectLeasedBy(given.serverIdentifier === pair.one.duid ? pair.one : pair.two, given);
  });

  it.each([
    ['one', 10, 5],
    ['two', 1, undefined],
    ['one', 255, 254],
  ] as const)('a client prefers %s with preference %d to %p', async (which, high, low) => {
    const server = find(which);
    await pair.configure(server, { preference: high });
    await pair.configure(pair.other(server), low === undefined ? {} : { preference: low });
    await expectLeasedBy(server, await lease());
  });

  it.each(['one', 'two'] as const)('%s that has no address left is passed over', async (which) => {
    const server = find(which);
    await pair.configure(server, { addresses: 1, preference: 200 });
    await pair.configure(pair.other(server));
    const leased = (await server.kea.leases()).map(({ address }) => address);
    if (!leased.includes(`${server.addresses}0`)) {
      await expectLeasedBy(server, await lease(server.name));
    }
    const solicits = await server.kea.statistic('pkt6-solicit-received');

    await expectLeasedBy(pair.other(server), await lease());

    expect(await server.kea.statistic('pkt6-solicit-received')).toBeGreaterThan(solicits);
  });

  it.each(['one', 'two'] as const)(
    '%s that falls silent once it has authenticated is left',
    async (which) => {
      const server = find(which);
      await pair.configure(server, { preference: 200 });
      await pair.configure(pair.other(server));
      const engine = await enginePid(server.kea);
      const client = await startClient(await newClient());
      const late = await drops(server.kea, 'engine-timeout');
      process.kill(engine, 'SIGSTOP');
      try {
        client.jump();
        await client.jumpAtEach(() => drops(server.kea, 'engine-timeout'));
      } finally {
        process.kill(engine, 'SIGCONT');
      }
      await expectLeasedBy(pair.other(server), await client.lease());
      expect(await drops(server.kea, 'engine-timeout')).toBeGreaterThan(late);
    },
  );

  it('a client takes no answer of the one for an answer of the other', async () => {
    await pair.configure(pair.one);
    await pair.configure(pair.two);
    const credentials = await newClient();
    const file = site.path(`${solution}.pcap`);
    const capture = await Capture.start(pair.topology.client, CLIENT_INTERFACE, file);
    await lease(pair.two.name, credentials);
    const captured = (await capture.stopForDatagrams())
      .map(({ payload }) => payload)
      .filter((payload) => payload.readUInt8(0) === ENCRYPTED_RESPONSE);
    expect(captured.length).toBeGreaterThanOrEqual(2);
    const engines = await Promise.all(both().map(({ kea }) => enginePid(kea)));
    // With a name to go by it would not wait for another.
    const client = await startClient(credentials);
    const attacker = await Wire.open(site.testbed, pair.neighbour);
    const address = await pair.topology.client.waitForLinkLocal(CLIENT_INTERFACE);
    let adapted = 0;
    const failures: unknown[] = [];
    await attacker.listenAsServer(({ octets }) => {
      if (octets.readUInt8(0) !== ENCRYPTED_QUERY) {
        return;
      }
      const ofThisTransaction = captured.map((payload) => {
        const copy = Buffer.from(payload);
        octets.copy(copy, 1, 1, 4);
        return copy;
      });
      adapted += ofThisTransaction.length;
      for (const datagram of [...captured, ...ofThisTransaction]) {
        attacker.sendToClient(datagram, address).catch((error: unknown) => failures.push(error));
      }
    });
    const late = await missed();
    engines.forEach((engine) => process.kill(engine, 'SIGSTOP'));
    try {
      client.jump();
      await until(
        () => `the client to ignore each of ${adapted} answers: ${client.notices.join('\n')}`,
        () => {
          const ignored = client.notices.filter((line) => line.startsWith('an answer is ignored'));
          return adapted > 0 && ignored.length >= adapted;
        },
      );
      await until('the queries to be lost', async () => (await missed()) >= late + engines.length);
    } finally {
      engines.forEach((engine) => process.kill(engine, 'SIGCONT'));
    }
    expect(client.isRunning).toBe(true);
    await client.jumpToEnd();
    const given = await client.lease();
    expect(failures).toEqual([]);
    const server = given.serverIdentifier === pair.one.duid ? pair.one : pair.two;
    expect(given.serverIdentifier).toBe(server.duid);
    expect(given.addresses[0]?.address.startsWith(server.addresses)).toBe(true);
  });
});
