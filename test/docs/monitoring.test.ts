// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineMetrics } from '../../src/engine/metrics';
import { packetKinds } from '../../src/engine/metrics/packet-metrics';
import { IssuedPki } from '../engine/support/issued';

const page = readFileSync(join(__dirname, '../../docs/monitoring.md'), 'utf8');

test('docs/monitoring.md has every metric with its type, and every kind of message', async () => {
  const now = Date.UTC(2026, 5, 1);
  const pki = await IssuedPki.create(now);
  const metrics = engineMetrics({
    version: '1',
    solution: 'A',
    started: now,
    keys: 0,
    material: {
      identity: await pki.issue('server', 'server'),
      previous: [],
      trust: pki.trust(await pki.crl(1n)),
    },
    workers: [],
    process: { processorTime: 0, residentMemory: 0 },
  });
  const rows = [...page.matchAll(/^\| `(kea_encryption_[a-z_]+)` +\| (\w+)/gm)].map(([, name, type]) => [
    name,
    type,
  ]);
  expect(rows).toEqual(metrics.map(({ name, type }) => [name, type]));
  for (const kind of packetKinds) {
    expect(page).toContain(`\`${kind}\``);
  }
});
