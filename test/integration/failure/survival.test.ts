// SPDX-License-Identifier: MPL-2.0
import { dirname, join } from 'node:path';
import { deriveDuid } from '../../../src/crypto';
import { loadIdentity } from '../../../src/pki';
import { whatIsTold } from '../attacks/support/range';
import {
  CLIENT_INTERFACE,
  dropCounts,
  enginePid,
  logger,
  pause,
  perfdhcp,
  runOk,
  SERVER_NAME,
  Site,
  Swarm,
  tree,
  until,
  type CredentialFiles,
  type KeaServer,
  type SwarmResult,
} from '../support';

/** The first one asks whether the server is there and replays; the others lease and renew. */
const CLIENTS = 41;
const KILLS = Number(process.env['KILLS'] ?? 8);
/** Other clients that the table knows, each with a DUID. */
const KEYS = Number(process.env['KEYS'] ?? 0);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const VICTIMS = ['engine', 'kea', 'engine', 'both'] as const;

jest.setTimeout(600_000 + KILLS * 60_000);

/** Numbers from 0 to 1 that a seed repeats (Mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What must be true of leases at every time: an address or prefix belongs to one client, and a client keeps its. */
class Ownership {
  private readonly owners = new Map<string, string>();
  private readonly held = new Map<string, string>();

  /** @param results all results so far; a client whose server was killed again and again may have given up */
  require(results: readonly SwarmResult[]): void {
    for (const { clientIdentifier, addresses, prefixes, error } of results) {
      if (error !== undefined) {
        expect(error).toMatch(/did not answer|no server|did not authenticate|no server answered/);
        continue;
      }
      const items = [...addresses, ...prefixes];
      expect(items).toHaveLength(2);
      for (const item of items) {
        this.requireOwner(item, clientIdentifier);
      }
      const before = this.held.get(clientIdentifier) ?? items.join();
      expect([clientIdentifier, items.join()]).toEqual([clientIdentifier, before]);
      this.held.set(clientIdentifier, before);
    }
  }

  /** Kea has what the clients believe to have. */
  async requireLeases(kea: KeaServer): Promise<void> {
    const items = new Set<string>();
    for (const { type, address, prefixLength, duid } of await kea.leases()) {
      const item = type === 'IA_PD' ? `${address}/${prefixLength}` : address;
      this.requireOwner(item, duid);
      items.add(item);
    }
    for (const [duid, held] of this.held) {
      expect([duid, held.split(',').filter((item) => !items.has(item))]).toEqual([duid, []]);
    }
  }

  get duids(): readonly string[] {
    return [...this.held.keys()];
  }

  private requireOwner(item: string, duid: string): void {
    const owner = this.owners.get(item) ?? duid;
    expect([item, duid]).toEqual([item, owner]);
    this.owners.set(item, owner);
  }
}

function figures(name: string, values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
  return `${name}: ${sorted.length} kills, ${at(0)} / ${at(0.5)} / ${at(1)} ms (min / median / max)`;
}

const keyTableRoom = join(dirname(dirname(tree.cli)), 'engine', 'key-table');

const say = (text: string): unknown => process.stdout.write(`${text}\n`);

describe('kill -9 under load', () => {
  const site = Site.forEachTest();
  let clients: (CredentialFiles & { bareKey: boolean; clientIdentifier?: string })[];

  beforeEach(async () => {
    clients = [];
    for (let index = 0; index < CLIENTS; index += 1) {
      const keyType = index % 10 === 7 ? 'RSA-2048' : index % 5 === 1 ? 'P-384' : 'P-256';
      const files = await site.pki.client(`client-${index}.example.net`, { keyType });
      const bareKey = index % 7 === 3;
      // A DUID-LL (RFC 8415 section 11.4); a bare key has the one that is derived from it, and no other.
      const clientIdentifier = `00030001020000000${(0x100 + index).toString(16)}`;
      clients.push({ ...files, bareKey, ...(!bareKey && { clientIdentifier }) });
    }
  });

  /** Verifies the table as the engine does at its start, and gives which DUID's leases belong to which key. */
  async function bindings(kea: KeaServer): Promise<ReadonlyMap<string, string>> {
    await runOk(process.execPath, [
      join(keyTableRoom, 'verify-process.js'),
      join(site.path('state'), 'key-table.mdb'),
    ]);
    const leases = await kea.leases();
    return new Map(
      leases.flatMap(({ duid, owner }) => (owner === undefined ? [] : [[duid, owner] as const])),
    );
  }

  /** Fills the table before the server starts. */
  async function addKeys(count: number): Promise<void> {
    const program = `
      const { randomBytes } = require('node:crypto');
      const { KeyTable, prepareKeyTable } = require(${JSON.stringify(keyTableRoom)});
      const directory = ${JSON.stringify(site.path('state'))};
      prepareKeyTable(directory).then(() => {
        const table = KeyTable.open({ directory, maxEntries: 1000000, lifetime: 604800, now: Date.now });
        const rest = { kind: 'public-key', certified: undefined, notAfter: undefined, text: 'a key' };
        for (let key = 0; key < ${count}; key += 1) {
          const identity = { keyId: randomBytes(32), spki: randomBytes(key % 10 === 0 ? 294 : 91), ...rest };
          table.acceptTimestamp(identity, 1n << 63n, 1n << 63n, () => 'accept');
        }
        return table.close();
      });`;
    await runOk(process.execPath, ['-e', program]);
  }

  /** Each client's key, the DUID that is derived from it, and the one it uses. */
  function expectedBindings(): { key: string; derived: string; used: string }[] {
    const now = Date.now();
    return clients.map((client) => {
      const { keyId, spki } = loadIdentity({ ...client, purpose: 'client', now });
      const derived = deriveDuid(spki).toString('hex');
      return { key: keyId.toString('hex'), derived, used: client.clientIdentifier ?? derived };
    });
  }

  it(`${KILLS} times loses no lease, no binding and no timestamp`, async () => {
    say(`SEED=${SEED} repeats this run`);
    if (KEYS > 0) {
      await addKeys(KEYS);
    }
    const random = randomFrom(SEED);
    await site.connectBranches([0, 0]);
    const neighbour = site.link(1).client;
    // Every replay is to be judged, and not only the first ten of them.
    const parameters = {
      blocklist: { count: 0 },
      engine: { workers: 2 },
      'key-table': { 'max-entries': 100_000 + KEYS },
    };
    const kea = await site.start(parameters, { kea: { loggers: [logger('kea-dhcp6')] } });
    const swarm = await Swarm.start(site.testbed, site.topology, {
      pki: site.pki,
      clients,
      serverName: SERVER_NAME,
      spread: 1500,
      repeat: true,
    });
    const beside = ['-6', '-l', CLIENT_INTERFACE, '-r', '20', '-R', '1000', '-x', 'i', 'all'];
    const cleartext = neighbour.start('perfdhcp', beside);
    const owned = new Ownership();
    const known = expectedBindings();
    const keys = new Map(
      known.flatMap(({ key, derived, used }) => [derived, used].map((duid) => [duid, key])),
    );
    const outages = { engine: [] as number[], kea: [] as number[], both: [] as number[] };
    let replayed = 0;
    let refused = 0;
    let turnedAway = 0;
    let judged = 0;

    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(200 + random() * 1300);
      const victim = VICTIMS[kill % VICTIMS.length] ?? 'engine';
      const engine = await enginePid(kea);
      const before = await refusals(kea);
      let since = Date.now();
      if (victim !== 'kea') {
        process.kill(engine, 'SIGKILL');
      }
      if (victim !== 'engine') {
        kea.signal('SIGKILL');
      }
      const replay = swarm.replayOnceServed();
      if (victim !== 'engine') {
        await kea.stop();
        since = Date.now();
        await kea.launch();
      }
      const bound = await bindings(kea);
      const { servedAgain, replayed: count, answers } = await replay;

      // In no known context, or too late: what answers says that, or what is said to everybody, and gives nothing.
      const kinds = answers.map((octets) => whatIsTold(Buffer.from(octets, 'hex')));
      expect(kinds).not.toContain('response');
      replayed += count;
      turnedAway += kinds.filter((kind) => kind !== 'report').length;
      const isSameKea = victim === 'engine';
      const refusedBefore = refused - (isSameKea ? before.all : 0);
      // A datagram may get lost where the machine is busy.
      const after = await until('the replays to be refused', async () => {
        const present = await refusals(kea);
        return refusedBefore + present.all + turnedAway >= replayed * 0.9 && present;
      });
      refused = refusedBefore + after.all;
      judged += after.judged - (isSameKea ? before.judged : 0);
      outages[victim].push(servedAgain - since);
      say(`${kill + 1} ${victim}: served again after ${servedAgain - since} ms, ${count} replays`);
      owned.require(swarm.results);
      for (const [duid, key] of bound) {
        expect([duid, key]).toEqual([duid, keys.get(duid)]);
      }
    }

    const lastKill = Date.now();
    await until('every client to be served after the last kill', () => {
      const served = swarm.results.filter(({ began, error }) => error === undefined && began > lastKill);
      return new Set(served.map(({ member }) => member)).size === CLIENTS - 1;
    });
    const results = await swarm.end();
    owned.require(results);
    expect(owned.duids).toHaveLength(CLIENTS - 1);
    await cleartext.stop('SIGINT');
    const few = { namespace: neighbour, clients: 10, exchanges: 10 };
    expect((await perfdhcp(few)).requestReply).toMatchObject({ sent: 10, received: 10 });
    await owned.requireLeases(kea);
    const bound = await bindings(kea);
    expect(owned.duids.filter((duid) => bound.get(duid) !== keys.get(duid))).toEqual([]);
    expect(kea.log).not.toMatch(/does not hold together/);
    // The others were in no context that is open still, or showed nothing.
    expect(judged).toBeGreaterThan(replayed / 20);
    const givenUp = results.filter(({ error }) => error !== undefined).length;
    say(
      `${results.length} exchanges, ${givenUp} given up; ${replayed} replays: ${turnedAway} turned away, ` +
        `${refused} refused, ${judged} by timestamp or proof`,
    );
    for (const [victim, values] of Object.entries(outages)) {
      say(figures(victim, values));
    }
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});

/** How many messages the engine has refused; and how many of them for their timestamps or for want of a proof. */
async function refusals(kea: KeaServer): Promise<{ readonly all: number; readonly judged: number }> {
  const counts = new Map(Object.entries(await dropCounts(kea)));
  counts.delete('engine-down');
  counts.delete('engine-timeout');
  const of = (reason: string): number => counts.get(reason) ?? 0;
  return {
    all: [...counts.values()].reduce((sum, count) => sum + count, 0),
    judged: of('timestamp-fail') + of('query-unsigned') + of('replayed'),
  };
}
