// SPDX-License-Identifier: MPL-2.0
import {
  CLIENT_INTERFACE,
  type Drops,
  dropCounts,
  dropsSince,
  Flood,
  logger,
  SERVER_INTERFACE,
  Site,
  SteadyClient,
  type SteadyStep,
  totalDrops,
  until,
  type FloodSettings,
} from '../support';

/** Messages a second: enough to be felt by a busy machine, and still served by it. `bash bench/run.sh flood` measures. */
const RATE = 300;
const SERVER = '2001:db8:1::1';
const ATTACKER = '2001:db8:1::66';

/** What a forger sends a second at first; half of it where more datagrams are lost than this share before Kea comes to them. */
const FORGED = 10_000;
const BEARABLE = 0.02;
const FORGER = 'fe80::bad';

/** Drops of the forger's messages from which on the server is at its limits for those who have proved nothing. */
const FELT = 1000;
const felt = ['envelope-open-fail', 'blocklisted'];

/** Encrypted-Requests that nobody should accept must not keep the server from those whom it should serve. */
const site = Site.forEachTest(0);

describe('a flood of bad Encrypted-Requests', () => {
  it.each([
    ['with wrong signatures from invented addresses', 'signature', 'many', 'signature-fail'],
    ["with a stranger's certificate from invented addresses", 'path', 'many', 'authentication-fail'],
    ['with wrong signatures from one address', 'signature', 'one', 'blocklisted'],
  ] satisfies [string, FloodSettings['flaw'], FloodSettings['sources'], string][])(
    '%s leaves every authenticated client served, known ones and new ones too',
    async (_, flaw, sources, reason) => {
      const { testbed, topology, pki } = site;
      await topology.client.addAddress(CLIENT_INTERFACE, ATTACKER);
      const kea = await site.start({}, { kea: { interfaces: [`${SERVER_INTERFACE}/${SERVER}`] } });
      const [open, known, fresh] = await Promise.all(
        ['open', 'known', 'fresh'].map(async (name, number) =>
          SteadyClient.start(testbed, topology, {
            credentials: await pki.client(`${name}.example.net`),
            number: number + 1,
          }),
        ),
      );
      if (open === undefined || known === undefined || fresh === undefined) {
        throw new Error('three clients');
      }
      for (const client of [open, known]) {
        expect(await client.served('authenticate')).toMatchObject({ served: true });
        expect(await client.served('lease')).toMatchObject({ served: true });
      }
      const before = await dropCounts(kea);

      const flood = await Flood.start(topology, {
        ...{ flaw, sources, rate: RATE, server: SERVER, linkAddress: SERVER },
        credentials: await site.stranger(),
      });
      await until('the flood to be felt', async () => ((await dropCounts(kea))[reason] ?? 0) > RATE);
      for (let round = 0; round < 5; round += 1) {
        expect(await open.served('renew')).toMatchObject({ served: true });
        expect(await known.served('reopen')).toMatchObject({ served: true });
      }
      expect(await fresh.served('authenticate')).toMatchObject({ served: true });
      expect(await fresh.served('lease')).toMatchObject({ served: true });
      expect((await flood.stop()).sent).toBeGreaterThan(RATE);

      const reasons = Object.keys(await dropCounts(kea)).filter((name) => before[name] === undefined);
      // A timestamp is refused where a client has sent a message once more, and that one was read first.
      const expected = new Set([reason, 'signature-fail', 'rate-limited', 'blocklisted', 'timestamp-fail']);
      expect(reasons.filter((name) => !expected.has(name))).toEqual([]);
      expect(await kea.leases()).toHaveLength(3);
    },
  );
});

/** docs/protocol.md 7: a source that can be reached is judged by what it sends, not by what is sent in its name. */
test('a flood of forged queries and requests in many names and the client’s own keeps no lease from it', async () => {
  const { testbed, topology, pki } = site;
  await topology.client.addAddress(CLIENT_INTERFACE, ATTACKER);
  await topology.client.addAddress(CLIENT_INTERFACE, FORGER);
  const kea = await site.start(
    {},
    {
      kea: {
        interfaces: [SERVER_INTERFACE, `${SERVER_INTERFACE}/${SERVER}`],
        // One of them, by the version of Kea, says that its queue is full.
        loggers: [
          logger('kea-dhcp6'),
          ...['packets', 'dhcp6'].map((name) => logger(`kea-dhcp6.${name}`, 'DEBUG', 40)),
        ],
      },
    },
  );
  const [open, fresh] = [await clientOf('open', 1), await clientOf('fresh', 2)];
  for (const client of [open, fresh]) {
    expect(await client.served('ask')).toMatchObject({ served: true });
  }
  expect(await open.served('lease')).toMatchObject({ served: true });
  const before = await dropCounts(kea);

  const on = { interface: CLIENT_INTERFACE };
  const settings = {
    flaw: 'signature',
    sources: 'many',
    ...{ server: SERVER, linkAddress: SERVER },
    link: { attacker: { address: FORGER, ...on }, victim: { address: fresh.address, ...on } },
    credentials: await site.stranger(),
  } as const;
  const { flood, rate: asked } = await bearable(settings, before);
  const renewals: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    renewals.push(await counted(open, 'renew'));
  }
  const leased = await counted(fresh, 'lease');
  for (let round = 0; round < 10; round += 1) {
    renewals.push(await counted(fresh, 'renew'));
  }
  const { rate } = await flood.stop();
  const drops = dropsSince(before, await dropCounts(kea));
  const expected = new Set([...felt, 'signature-fail', 'rate-limited']);
  console.log(
    `${rate.toFixed(0)} of ${asked} forged messages a second; transmissions of a lease ${leased}, of Renews ${renewals.join(' ')}; ${JSON.stringify(
      drops,
    )}`,
  );
  expect(leased).toBeLessThanOrEqual(2);
  // Where the machine is busy some are lost; the server has dropped none of theirs.
  expect(renewals.filter((count) => count > 1).length).toBeLessThanOrEqual(renewals.length / 4);
  expect(Object.keys(drops).filter((reason) => !expected.has(reason))).toEqual([]);
  expect(await kea.leases()).toHaveLength(2);

  async function clientOf(name: string, number: number): Promise<SteadyClient> {
    return SteadyClient.start(testbed, topology, {
      credentials: await pki.client(`${name}.example.net`),
      number,
    });
  }

  /** Datagrams that the kernel and Kea's own queue have lost because Kea did not come to them in time. */
  async function lost(): Promise<number> {
    const sockets = (await topology.server.runOk('cat', ['/proc/net/udp6'])).trim().split('\n').slice(1);
    const queued = kea.log.match(/DHCP6_PACKET_QUEUE_FULL/g)?.length ?? 0;
    return sockets.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), queued);
  }

  /**
   * A flood that is felt, at a rate at which this machine hands Kea what is sent: for a second, once the engine's code
   * is compiled.
   */
  async function bearable(
    more: Omit<FloodSettings, 'rate'>,
    drops: Drops,
  ): Promise<{ readonly flood: Flood; readonly rate: number }> {
    for (let rate = FORGED; ; rate /= 2) {
      const [begun, flood] = [await dropCounts(kea), await Flood.start(topology, { ...more, rate })];
      await untilDropped(drops, begun, rate + FELT);
      const before = await lost();
      await untilDropped(drops, await dropCounts(kea), rate);
      if ((await lost()) - before <= rate * BEARABLE || rate < RATE) {
        return { flood, rate };
      }
      await flood.stop();
    }
  }

  /** @param before when each of the reasons that are to be felt has grown since; @param from when so many are counted */
  async function untilDropped(before: Drops, from: Drops, count: number): Promise<void> {
    let now = from;
    await until(
      () => `the flood to be felt: ${JSON.stringify(now)}`,
      async () => {
        now = await dropCounts(kea);
        return (
          felt.every((reason) => (now[reason] ?? 0) > (before[reason] ?? 0)) &&
          totalDrops(dropsSince(from, now)) > count
        );
      },
    );
  }

  /** How often a client sends a step's message; one that may be among those lost never came to the server. */
  async function counted(client: SteadyClient, step: SteadyStep): Promise<number> {
    for (let attempt = 1; ;) {
      const before = await lost();
      const { served } = await client.take(step, 20_000);
      if (served || attempt > 5) {
        return attempt;
      }
      attempt += (await lost()) === before ? 1 : 0;
    }
  }
});
