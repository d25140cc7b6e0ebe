// SPDX-License-Identifier: MPL-2.0
import { dropCounts, SERVER_NAME, Site, Swarm, type CredentialFiles } from '../support';

const keyTypes = ['RSA-2048', 'P-256', 'P-384'] as const;
const branches = [0, 1, 3];

/** Every type of key on either side, through 0, 1 and 3 relays at once. */
describe.each(['A', 'B'] as const)('solution %s', (solution) => {
  const site = Site.forEachTest();

  it.each(keyTypes)('serves clients with each type of key from a server with %s', async (keyType) => {
    await site.connectBranches(branches);
    const kea = await site.start({ solution, mode: 'authenticated' }, { issue: { keyType } });
    const swarms: Swarm[] = [];
    for (const index of branches.keys()) {
      const clients: CredentialFiles[] = [];
      for (const key of keyTypes) {
        clients.push(await site.pki.client(`${key.toLowerCase()}-${index}.example.net`, { keyType: key }));
      }
      const settings = { pki: site.pki, clients, serverName: SERVER_NAME, solution, spread: 0 };
      swarms.push(await Swarm.start(site.testbed, site.link(index), settings));
    }
    const results = (await Promise.all(swarms.map((swarm) => swarm.finish()))).flat();
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(results).toHaveLength(keyTypes.length * branches.length);
    const given = results.flatMap(({ addresses, prefixes }) => [...addresses, ...prefixes]);
    const leases = await kea.leases();
    const leased = leases.map(({ type, address, prefixLength }) =>
      type === 'IA_PD' ? `${address}/${prefixLength}` : address,
    );
    expect(given).toHaveLength(2 * results.length);
    expect(leased.sort()).toEqual(given.sort());
    const perLink = branches.map(
      (_, index) => leases.filter(({ subnetId }) => subnetId === index + 1).length,
    );
    expect(perLink).toEqual(branches.map(() => 2 * keyTypes.length));
    expect((await dropCounts(kea))['envelope-suite']).toBeUndefined();
  });
});
