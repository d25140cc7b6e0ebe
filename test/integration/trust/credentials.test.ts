// SPDX-License-Identifier: MPL-2.0
import { rm, mkdir } from 'node:fs/promises';
import {
  branchSubnet,
  encryptedClient,
  leaseOk,
  Site,
  undueDrops,
  untilDropped,
  type EncryptedClientOptions,
  type KeaLease,
  type KeaServer,
} from '../support';

const CLIENT_NAME = 'very-private-name.example.org';
const SOLICIT = 1;
const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;

/** What a client shows of itself, where, and what a server makes of it (docs/protocol.md 4.3, RFC 7435). */
describe('credentials', () => {
  describe.each(['A', 'B'])('with solution %s', (solution) => {
    const modes = ['optional', 'encrypted', 'authenticated'];
    const site = Site.forAllTests();
    let kea: KeaServer;

    /** Each mode is that of a subnet on a link of its own. */
    beforeAll(async () => {
      await site.connectBranches(modes.map(() => 0));
      const subnets = modes.map((mode, index) => ({
        ...branchSubnet(site.link(index), index),
        userContext: { encryption: { mode } },
      }));
      kea = await site.start({ solution }, { kea: { subnets } });
    });

    function client(mode: string, ...more: string[]): Promise<EncryptedClientOptions> {
      return site.client({
        name: `${mode}.example.org`,
        topology: site.link(modes.indexOf(mode)),
        bareKey: true,
        more: ['--solution', solution, ...more],
      });
    }

    async function leases(mode: string): Promise<KeaLease[]> {
      return (await kea.leases()).filter(({ subnetId }) => subnetId === modes.indexOf(mode) + 1);
    }

    it.each(['optional', 'encrypted'])('a bare public key is served in mode %s', async (mode) => {
      const before = await undueDrops(kea);
      const lease = await leaseOk('lease', await client(mode));
      expect(await leases(mode)).toMatchObject([{ address: lease.addresses[0]?.address }]);
      expect(await undueDrops(kea)).toEqual(before);
    });

    it('a bare public key is refused and counted in mode authenticated', async () => {
      const before = await undueDrops(kea);
      const options = await client('authenticated', '--timeout', '2');
      expect((await encryptedClient('lease', options)).code).not.toBe(0);
      await untilDropped(kea, 'mode-refused');
      expect(await undueDrops(kea)).toEqual({ ...before, 'mode-refused': expect.any(Number) });
      expect(await leases('authenticated')).toEqual([]);
    });
  });

  describe('of a client that is known', () => {
    const site = Site.forEachTest(0);

    it('a server that lost its key table serves the client again, within one retransmission', async () => {
      const kea = await site.start({ solution: 'B', mode: 'authenticated' });
      const options = await site.client({ name: CLIENT_NAME, more: ['--solution', 'B'] });
      const lease = await leaseOk('lease', options);

      await kea.stop();
      const state = site.path('state');
      await rm(state, { recursive: true });
      await mkdir(state);
      await kea.launch();
      const capture = await site.capture();

      const renewed = await leaseOk('renew', options);

      expect(renewed.addresses[0]?.address).toBe(lease.addresses[0]?.address);
      const types = (await capture.stopForPayloads()).map(([type]) => type ?? 0);
      // The Solicit asks for the key, and shows nothing: the credential is inside of the query.
      expect(new Set(types)).toEqual(new Set([SOLICIT, ENCRYPTED_QUERY, ENCRYPTED_RESPONSE]));
      expect(types.filter((type) => type === ENCRYPTED_QUERY).length).toBeLessThanOrEqual(2);
    });
  });
});
