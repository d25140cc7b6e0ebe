// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  branchSubnet,
  clientSubnet,
  dropCounts,
  encryptedClient,
  enginePid,
  exchangeOk,
  leaseOk,
  pause,
  perfdhcp,
  Running,
  SERVER_NAME,
  Site,
  Swarm,
  tree,
  totalDrops,
  undueDrops,
  until,
  type EncryptedClientOptions,
  type KeaServer,
  type Namespace,
  type PerfdhcpExchange,
} from '../support';

const RECEIVED = 'encryption-received-encrypted-request';

/** Kea goes on without its engine, and encrypted clients need no more than to send again. */
describe('an engine', () => {
  const site = Site.forEachTest();

  function client(): Promise<EncryptedClientOptions> {
    return site.client({ more: ['--prefix'] });
  }

  /** Kea with the client's link, all encrypted, and a cable of its own for cleartext clients. */
  async function start(relays: number): Promise<{ kea: KeaServer; neighbour: Namespace }> {
    await site.connectBranches([relays, 0]);
    const neighbour = site.link(1);
    const userContext = { encryption: { mode: 'encrypted' } };
    const subnets = [{ ...clientSubnet(site.topology), userContext }, branchSubnet(neighbour, 1)];
    // Which tests wait for.
    const engine = { timeout: 5000, workers: 2 };
    return { kea: await site.start({ engine }, { kea: { subnets } }), neighbour: neighbour.client };
  }

  /** @param base - the DUID of the first client. */
  async function cleartextLoad(namespace: Namespace, base: string): Promise<PerfdhcpExchange> {
    return (await perfdhcp({ namespace, clients: 40, exchanges: 40, base })).requestReply;
  }

  /** Waits until a packet was dropped because the engine said nothing. */
  async function untilMissed(kea: KeaServer, times = 1): Promise<void> {
    await until('a packet to be dropped for want of an engine', async () => {
      const { 'engine-timeout': late = 0, 'engine-down': down = 0 } = await dropCounts(kea);
      return late + down >= times;
    });
  }

  it.each([0, 1])('that is killed is missed by no client through %d relay(s)', async (relays) => {
    const { kea } = await start(relays);
    const { pid } = kea;
    const options = await client();
    const inTheMiddle = async <T>(exchange: Promise<T>, drops: number): Promise<T> => {
      // The engine stands still until the exchange has begun, so it surely does not end before the signal.
      await untilMissed(kea, drops);
      process.kill(await enginePid(kea), 'SIGKILL');
      return exchange;
    };

    process.kill(await enginePid(kea), 'SIGSTOP');
    const lease = await inTheMiddle(leaseOk('lease', options), 1);
    const leases = await kea.leases();
    const leased = [lease.addresses[0]?.address, lease.prefixes[0]?.prefix.replace(/\/.*/, '')];
    expect(leases.map(({ address }) => address).sort()).toEqual(leased.sort());
    expect(new Set(leases.map(({ duid }) => duid))).toEqual(new Set([lease.clientIdentifier]));
    expect(await kea.statistic('encryption-engine-restarts')).toBe(1);

    const missed = totalDrops(await dropCounts(kea));
    process.kill(await enginePid(kea), 'SIGSTOP');
    const renewed = await inTheMiddle(leaseOk('renew', options), missed + 1);
    expect(renewed.addresses[0]?.address).toBe(lease.addresses[0]?.address);
    expect(renewed.prefixes[0]?.prefix).toBe(lease.prefixes[0]?.prefix);
    expect(await kea.statistic('encryption-engine-restarts')).toBe(2);

    expect(await exchangeOk('release', options)).toMatchObject({ acknowledged: true });
    expect(await kea.leases()).toEqual([]);
    expect([kea.pid, kea.isRunning]).toEqual([pid, true]);
    expect(kea.log.match(/DHCP6_STARTED/g)).toHaveLength(1);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('that stands still holds up no cleartext client, and serves again when it goes on', async () => {
    const { kea, neighbour } = await start(0);
    const options = await client();
    const engine = await enginePid(kea);
    const all = { sent: 40, received: 40 };
    const lease = await leaseOk('lease', options);
    expect(await undueDrops(kea)).toEqual({});

    process.kill(engine, 'SIGSTOP');
    const before = { ...(await dropCounts(kea)), received: await kea.statistic(RECEIVED) };
    const more = [...(options.more ?? []), '--timeout', '5'];
    const ignored = encryptedClient('lease', { ...options, more });
    await untilMissed(kea);
    expect(await cleartextLoad(neighbour, 'duid=000300010a0b0c000000')).toMatchObject(all);
    expect((await ignored).code).toBe(3);
    // Every Encrypted-Request that came was dropped, counted and logged.
    const { received, ...dropped } = before;
    const asked = await until('the last to be dropped', async () => {
      const present = (await kea.statistic(RECEIVED)) - received;
      return present > 0 && (await dropCounts(kea))['engine-timeout'] === present && present;
    });
    expect(await dropCounts(kea)).toEqual({ ...dropped, 'engine-timeout': asked });
    const told = totalDrops(await dropCounts(kea));
    await until('all to be logged', () => kea.log.match(/ENCRYPTION_QUERY_DROPPED/g)?.length === told);

    process.kill(engine, 'SIGCONT');
    expect((await leaseOk('renew', options)).addresses[0]?.address).toBe(lease.addresses[0]?.address);
    expect(await cleartextLoad(neighbour, 'duid=000300010a0b0d000000')).toMatchObject(all);
    expect(await enginePid(kea)).toBe(engine);
    expect(await kea.statistic('encryption-engine-restarts')).toBe(0);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  /** Somebody else who is writing to the key table, until told to stop. */
  async function holdTable(): Promise<Running> {
    const store = join(dirname(dirname(tree.cli)), 'engine', 'key-table', 'store');
    const program = `
      const { writeSync } = require('node:fs');
      const { root } = require(${JSON.stringify(store)}).openStore(${JSON.stringify(site.path('state/key-table.mdb'))});
      root.transactionSync(() => {
        writeSync(1, 'held');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const holder = new Running(process.execPath, ['-e', program]);
    await holder.waitForOutput(/held/);
    return holder;
  }

  /** Whether it has ended; not everywhere does somebody wait for a process whose parent was killed. */
  function isGone(engine: number): boolean {
    try {
      const [, state] = /\) (\S)/.exec(readFileSync(`/proc/${engine}/stat`, 'utf8')) ?? [];
      return state === 'Z' || state === 'X';
    } catch {
      return true;
    }
  }

  it('whose Kea is killed ends while its threads wait for the lock, and the next one gets it', async () => {
    await site.connect(0);
    const kea = await site.start({ engine: { timeout: 500, workers: 2 } });
    const clients = [];
    for (let index = 0; index < 20; index += 1) {
      clients.push({ ...(await site.pki.client(`client-${index}.example.net`)), bareKey: false });
    }
    const engine = await enginePid(kea);
    const holder = await holdTable();
    // Each from an address of its own, so that both workers have some of them.
    const swarm = await Swarm.start(site.testbed, site.topology, {
      pki: site.pki,
      clients,
      serverName: SERVER_NAME,
      spread: 500,
    });
    await untilMissed(kea, 10);
    kea.signal('SIGKILL');
    await kea.stop();
    await pause(300);
    await holder.stop('SIGKILL');
    await until('the engine to end', () => isGone(engine));

    await kea.launch();
    const isServed = (): boolean => swarm.results.some(({ error }) => error === undefined);
    await until('a client to be served', isServed);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('whose Kea is killed ends also where its threads do not', async () => {
    await site.connect(0);
    const [program, sign] = [site.path('block.cjs'), site.path('block')];
    await writeFile(
      program,
      `const { existsSync, writeFileSync } = require('node:fs');
      const { isMainThread, threadId } = require('node:worker_threads');
      const wait = () => {
        writeFileSync(${JSON.stringify(sign)} + '-' + threadId, '');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      };
      if (!isMainThread) setInterval(() => existsSync(${JSON.stringify(sign)}) && wait(), 20);`,
    );
    const env = { NODE_OPTIONS: `--require ${program}` };
    const kea = await site.start({ engine: { workers: 2 } }, { kea: { env } });
    const engine = await enginePid(kea);
    await writeFile(sign, '');
    await until('both workers to stand', async () => {
      return (await readdir(site.testbed.directory)).filter((name) => /^block-\d/.test(name)).length >= 2;
    });
    await expect(
      encryptedClient('lease', await site.client({ more: ['--timeout', '2'] })),
    ).resolves.toMatchObject({
      code: 3,
    });
    expect(isGone(engine)).toBe(false);
    kea.signal('SIGKILL');
    await kea.stop();
    await until('the engine to end', () => isGone(engine));
  });
});
