// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import type { IssuedKeyType } from '../../../src/pki';
import {
  enginePid,
  perfdhcp,
  SERVER_NAME,
  Site,
  Swarm,
  tree,
  unsanitized,
  until,
  type CredentialFiles,
  type KeaLease,
  type SwarmResult,
} from '../support';

/** With sanitizers in it Kea is too slow for 200: perfdhcp's clients beside them do not retransmit. */
const CLIENTS = tree.isSanitized ? 50 : 200;

/** Many clients at once on four packet threads, of all kinds, and what happens to them when the engine dies. */
describe(`${CLIENTS} clients at once`, () => {
  /** Issues the certificates, which takes long, for all tests; each of them has a network of its own. */
  const office = Site.forAllTests();
  const site = Site.forEachTest();
  let clients: (CredentialFiles & { bareKey: boolean })[];

  beforeAll(async () => {
    clients = [];
    for (let index = 0; index < CLIENTS; index += 1) {
      const keyType = index % 10 === 0 ? 'RSA-2048' : index % 2 === 0 ? 'P-384' : 'P-256';
      const files = await office.pki.client(`client-${index}.example.net`, { keyType });
      clients.push({ ...files, bareKey: index % 7 === 0 });
    }
  });

  /** Every client has exactly what Kea recorded for its DUID, and nobody shares. */
  function expectEveryLease(results: readonly SwarmResult[], leases: readonly KeaLease[]): void {
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(results).toHaveLength(CLIENTS);
    const text = (lease: KeaLease): string =>
      lease.type === 'IA_PD' ? `${lease.address}/${lease.prefixLength}` : lease.address;
    for (const { member, clientIdentifier, addresses, prefixes } of results) {
      const own = leases.filter(({ duid }) => duid === clientIdentifier);
      expect(own.map(text).sort()).toEqual([...addresses, ...prefixes].sort());
      expect(own.map(({ iaid }) => iaid)).toEqual([member, member]);
    }
    expect(new Set(results.flatMap(({ addresses }) => addresses)).size).toBe(CLIENTS);
    expect(new Set(results.flatMap(({ prefixes }) => prefixes)).size).toBe(CLIENTS);
  }

  const courses = unsanitized.rows<readonly [string, IssuedKeyType, boolean]>(
    [['are all served, cleartext clients beside them', 'P-256', false]],
    [['finish when the engine is killed in the middle', 'RSA-2048', true]],
  );
  it.each(courses)('%s', async (_what, serverKey, isKilled) => {
    const { pki } = office;
    // The cleartext clients are on a cable of their own: port 546 of the other one is taken 200 times.
    await site.connectBranches([0, 0]);
    const credentials = await pki.server(SERVER_NAME, { keyType: serverKey });
    const kea = await site.start({ 'trust-anchors': [pki.anchors], engine: { workers: 2 } }, { credentials });
    const engine = await enginePid(kea);
    const settings = { pki, clients, serverName: SERVER_NAME, spread: 3000 };
    let swarm = await Swarm.start(site.testbed, site.topology, settings);
    const cleartext = perfdhcp({
      namespace: site.link(1).client,
      clients: 50,
      exchanges: 50,
      rate: 10,
      isLossy: true,
      patience: 15,
    });
    if (isKilled) {
      const areSome = (): boolean => swarm.results.length >= CLIENTS / 10;
      await until('some of the clients to be served', areSome);
      // Whoever looks too late finds all of them served: they come once more.
      while (swarm.results.length === CLIENTS) {
        await swarm.finish();
        swarm = await Swarm.start(site.testbed, site.topology, settings);
        await until('some of the clients to be served', areSome);
      }
      process.kill(engine, 'SIGKILL');
    }

    const results = await swarm.finish();

    const leases = await kea.leases();
    expectEveryLease(results, leases);
    // Not all: what Kea's queue has no room for is sent again by a client, but not by perfdhcp.
    expect((await cleartext).requestReply.received).toBeGreaterThanOrEqual(25);
    expect(await kea.statistic('encryption-engine-restarts')).toBe(isKilled ? 1 : 0);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});
