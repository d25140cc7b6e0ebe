// SPDX-License-Identifier: MPL-2.0
import { join, resolve } from 'node:path';
import { CLIENT_INTERFACE, runOk, Site, until } from '../support';

const root = resolve(__dirname, '../../..');

const site = Site.forEachTest(0);

it('examples/library gets a lease from Kea, reports its renewal, and releases it', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await runOk(process.execPath, [compiler, '-p', join(root, 'examples/library')]);
  const { certificate, privateKey } = await site.pki.client();
  const kea = await site.start({}, { kea: { more: { 'renew-timer': 3 } } });

  const example = site.topology.client.startTree(process.execPath, [
    ...[join(root, 'build/library/main.js'), CLIENT_INTERFACE],
    ...[certificate, privateKey, site.pki.anchors],
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
  await until('the lease to be given back', async () => (await kea.leases()).length === 0);
});
