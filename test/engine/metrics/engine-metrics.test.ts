// SPDX-License-Identifier: MPL-2.0
import { dropReasons } from '../../../src/engine/packet/drop-reasons';
import { type EngineFigures, engineMetrics, exposition, PacketMetrics } from '../../../src/engine/metrics';
import { packetFates, packetKinds } from '../../../src/engine/metrics/packet-metrics';
import { createCrl, describeCertificate, describeCrl } from '../../../src/pki';
import { parsePem } from '../../../src/pki/pem';
import { IssuedPki } from '../support/issued';
import { parseExposition, type ReadSample } from './parse-exposition';

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

async function laterCrl({ authority }: IssuedPki): Promise<Buffer> {
  const pem = await createCrl({ authority, number: 2n, revocations: [], days: 10, now: now + 3 * day });
  return parsePem(Buffer.from(pem), 'crl')[0]!.der;
}

describe('what the engine tells', () => {
  let figures: EngineFigures;

  beforeAll(async () => {
    const pki = await IssuedPki.create(now);
    // A newer one beside the one that it takes the place of.
    const crls = [await pki.crl(1n), await laterCrl(pki)];
    figures = {
      version: '1.2.3',
      solution: 'B',
      started: now,
      keys: 1,
      material: {
        identity: await pki.issue('server', 'server'),
        previous: [],
        trust: pki.trust(...crls),
      },
      workers: [3, 4].map((contexts) => ({ contexts, blocked: 1, packets: new PacketMetrics().counts })),
      process: { processorTime: 1.5, residentMemory: 1000 },
    };
  });

  function samples(name: string): readonly ReadSample[] {
    const metrics = parseExposition(exposition(engineMetrics(figures)));
    return metrics.find((metric) => metric.name === `kea_encryption_${name}`)?.samples ?? [];
  }

  test('has every reason, verdict and kind before anything came in', () => {
    expect(samples('failures_total')).toEqual(
      dropReasons.map((reason) => ({ labels: { reason }, value: 0 })),
    );
    expect(samples('verdicts_total')).toEqual(
      packetFates.map((verdict) => ({ labels: { verdict }, value: 0 })),
    );
    const counts = samples('duration_seconds').filter(({ name }) => name?.endsWith('_count') === true);
    expect(counts.map(({ labels, value }) => [labels['kind'], value])).toEqual(
      packetKinds.map((kind) => [kind, 0]),
    );
  });

  test('adds up the workers, but not what each of them knows', () => {
    expect(samples('contexts')).toEqual([{ labels: {}, value: 7 }]);
    expect(samples('blocked_sources')).toEqual([{ labels: {}, value: 1 }]);
  });

  test('has the expiry of the certificate, and once for an issuer the earliest of its CRLs', () => {
    const { identity, trust } = figures.material;
    const { notAfter } = describeCertificate(Buffer.from(identity.chain[0]!), 'certificate');
    expect(samples('certificate_expiry_seconds')).toEqual([{ labels: {}, value: notAfter.getTime() / 1000 }]);
    const updates = trust.crls.map(
      (crl) => describeCrl(Buffer.from(crl), 'crl').nextUpdate!.getTime() / 1000,
    );
    expect(new Set(updates).size).toBe(2);
    expect(samples('crl_next_update_seconds')).toEqual([
      { labels: { issuer: 'CN=root' }, value: Math.min(...updates) },
    ]);
  });

  test('follows a reload', async () => {
    const before = samples('certificate_expiry_seconds')[0]?.value ?? 0;
    const later = await IssuedPki.create(now + day);
    const identity = await later.issue('server', 'server');
    figures = { ...figures, material: { ...figures.material, identity } };
    expect(samples('certificate_expiry_seconds')[0]?.value).toBe(before + 86_400);
  });
});
