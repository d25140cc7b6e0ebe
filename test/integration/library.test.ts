// SPDX-License-Identifier: MPL-2.0
import { join, resolve } from 'node:path';
import {
  CLIENT_INTERFACE,
  createTopology,
  hookedKea,
  KeaServer,
  runOk,
  Testbed,
  TestPki,
  until,
} from './support';

jest.setTimeout(120_000);

const root = resolve(__dirname, '../..');

it('examples/library gets a lease from Kea, tells of its renewal, and releases it', async () => {
  const testbed = await Testbed.create();
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await runOk(process.execPath, [compiler, '-p', join(root, 'examples/library')]);
    const topology = await createTopology(testbed, 0);
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const { certificate, privateKey } = await pki.client();
    const options = await hookedKea(testbed, topology, { pki, credentials: await pki.server() });
    const kea = await KeaServer.start({ ...options, validLifetime: 8 });

    const example = topology.client.startTree(process.execPath, [
      ...[join(root, 'build/library/main.js'), CLIENT_INTERFACE],
      ...[certificate, privateKey, pki.anchors],
    ]);
    await until('a renewal', () => {
      if (!example.isRunning) {
        throw new Error(example.outcome());
      }
      return example.stdout.includes('renewed');
    });
    const [lease] = await kea.leases();
    expect(await example.stop()).toEqual({ code: 0, signal: null });
    const lines = example.stdout.trim().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'started',
      `bound ${String(lease?.address)}`,
      `renewed ${String(lease?.address)}`,
    ]);
    expect(lines.slice(-2)).toEqual(['lost', 'stopped']);
    expect(await kea.leases()).toEqual([]);
  } finally {
    await testbed.close();
  }
});
