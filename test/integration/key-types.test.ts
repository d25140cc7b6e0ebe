// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import {
  branchSubnet,
  createBranch,
  dropCounts,
  hookedKea,
  KeaServer,
  Swarm,
  Testbed,
  TestPki,
  type CredentialFiles,
  type Topology,
} from './support';

jest.setTimeout(180_000);

const SERVER_NAME = 'dhcp.example.net';
const keyTypes = ['RSA-2048', 'P-256', 'P-384'] as const;
const branches = [0, 1, 3];

/** Every type of key on either side, through 0, 1 and 3 relays at once. */
describe.each(['A', 'B'] as const)('solution %s', (solution) => {
  it.each(keyTypes)('serves clients with each type of key from a server with %s', async (keyType) => {
    const testbed = await Testbed.create();
    try {
      const pki = await TestPki.create(join(testbed.directory, 'pki'));
      const server = await testbed.namespace('server');
      const links: Topology[] = [];
      for (const [index, relayCount] of branches.entries()) {
        links.push(await createBranch(testbed, server, { relayCount, index }));
      }
      const [topology] = links;
      if (topology === undefined) {
        throw new Error('no link');
      }
      const credentials = await pki.server(SERVER_NAME, { keyType });
      const sockets = {
        interfaces: links.map(({ serverSocket }) => serverSocket),
        subnets: links.map(branchSubnet),
      };
      const options = { pki, credentials, parameters: { solution, mode: 'authenticated' }, kea: sockets };
      const kea = await KeaServer.start(await hookedKea(testbed, topology, options));
      const swarms: Swarm[] = [];
      for (const [index, link] of links.entries()) {
        const clients: CredentialFiles[] = [];
        for (const key of keyTypes) {
          clients.push(await pki.client(`${key.toLowerCase()}-${index}.example.net`, { keyType: key }));
        }
        const settings = { pki, clients, serverName: SERVER_NAME, solution, spread: 0 };
        swarms.push(await Swarm.start(testbed, link, settings));
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
    } finally {
      await testbed.close();
    }
  });
});
