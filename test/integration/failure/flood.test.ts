// SPDX-License-Identifier: MPL-2.0
import {
  CLIENT_INTERFACE,
  dropCounts,
  Flood,
  SERVER_INTERFACE,
  Site,
  SteadyClient,
  until,
  type FloodSettings,
} from '../support';

/** Messages a second: enough to be felt by a busy machine, and still served by it. `bash bench/run.sh flood` measures. */
const RATE = 300;
const SERVER = '2001:db8:1::1';
const ATTACKER = '2001:db8:1::66';

/** Encrypted-Requests that nobody should accept must not keep the server from those whom it should serve. */
describe('a flood of bad Encrypted-Requests', () => {
  const site = Site.forEachTest(0);

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
      expect(await flood.stop()).toBeGreaterThan(RATE);

      const reasons = Object.keys(await dropCounts(kea)).filter((name) => before[name] === undefined);
      // A timestamp is refused where a client has sent a message once more, and that one was read first.
      const expected = new Set([reason, 'signature-fail', 'rate-limited', 'blocklisted', 'timestamp-fail']);
      expect(reasons.filter((name) => !expected.has(name))).toEqual([]);
      expect(await kea.leases()).toHaveLength(3);
    },
  );
});
