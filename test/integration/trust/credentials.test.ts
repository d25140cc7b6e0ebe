// SPDX-License-Identifier: MPL-2.0
import { rm, mkdir } from 'node:fs/promises';
import {
  dropCounts,
  encryptedClient,
  leaseOk,
  Site,
  undueDrops,
  untilDropped,
  type EncryptedClientOptions,
  type SiteClientOptions,
} from '../support';

const CLIENT_NAME = 'very-private-name.example.org';
const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;

/** What a client shows of itself, where, and what a server makes of it (docs/protocol.md 4.3, RFC 7435). */
describe('credentials', () => {
  const site = Site.forEachTest(0);

  function client(options: SiteClientOptions = {}): Promise<EncryptedClientOptions> {
    return site.client({ name: CLIENT_NAME, ...options });
  }

  describe.each(['A', 'B'])('with solution %s', (solution) => {
    const solutionArguments = ['--solution', solution];

    it.each(['optional', 'encrypted'])('a bare public key is served in mode %s', async (mode) => {
      const kea = await site.start({ solution, mode });
      const lease = await leaseOk('lease', await client({ bareKey: true, more: solutionArguments }));
      expect(await kea.leases()).toMatchObject([{ address: lease.addresses[0]?.address }]);
      expect(await undueDrops(kea)).toEqual({});
    });

    it('a bare public key is refused and counted in mode authenticated', async () => {
      const kea = await site.start({ solution, mode: 'authenticated' });
      const more = [...solutionArguments, '--timeout', '2'];
      expect((await encryptedClient('lease', await client({ bareKey: true, more }))).code).not.toBe(0);
      await untilDropped(kea, 'mode-refused');
      expect(await dropCounts(kea)).toEqual({ 'mode-refused': expect.any(Number) });
      expect(await kea.leases()).toEqual([]);
    });
  });

  it('a server that lost its key table serves the client again, within one retransmission', async () => {
    const kea = await site.start({ solution: 'B', mode: 'authenticated' });
    const options = await client({ more: ['--solution', 'B'] });
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
    // Nothing but queries and their responses: the credential is inside, nobody authenticated again.
    expect(new Set(types)).toEqual(new Set([ENCRYPTED_QUERY, ENCRYPTED_RESPONSE]));
    expect(types.filter((type) => type === ENCRYPTED_QUERY).length).toBeLessThanOrEqual(2);
  });
});
