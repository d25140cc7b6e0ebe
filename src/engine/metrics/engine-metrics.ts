// SPDX-License-Identifier: MPL-2.0

import { dropReasons } from '../packet/drop-reasons';
import type { WorkerMaterial } from '../clients/server-material';
import { expiryOf } from './expiry';
import type { Metric, Sample } from './exposition';
import { addCounts, type PacketCounts, packetFates, packetKinds } from './packet-metrics';

/** What is known of an engine at the moment. */
export interface EngineFigures {
  readonly version: string;
  readonly solution: 'A' | 'B';
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly keys: number;
  readonly material: WorkerMaterial;
  readonly workers: readonly {
    readonly contexts: number;
    readonly blocked: number;
    readonly packets: PacketCounts;
  }[];
  /** Seconds of processor time, and octets. */
  readonly process: { readonly processorTime: number; readonly residentMemory: number };
}

const prefix = 'kea_encryption_';

function gauge(name: string, help: string, ...samples: readonly (number | Sample)[]): Metric {
  return { name: `${prefix}${name}`, help, type: 'gauge', samples: samples.map(sampleOf) };
}

function counter(name: string, help: string, ...samples: readonly (number | Sample)[]): Metric {
  return { name: `${prefix}${name}_total`, help, type: 'counter', samples: samples.map(sampleOf) };
}

const sampleOf = (sample: number | Sample): Sample =>
  typeof sample === 'number' ? { value: sample } : sample;

/** Every metric; docs/monitoring.md has a line for each. */
export function engineMetrics(figures: EngineFigures): Metric[] {
  const { version, solution, material, workers, process } = figures;
  const expiry = expiryOf(material);
  const packets = addCounts(workers.map((worker) => worker.packets));
  const contexts = workers.reduce((total, worker) => total + worker.contexts, 0);
  // Each worker knows them all.
  const blocked = Math.max(0, ...workers.map((worker) => worker.blocked));
  return [
    gauge('info', 'The engine: its version and solution; always 1.', {
      labels: { version, solution },
      value: 1,
    }),
    gauge(
      'start_time_seconds',
      'When the configuration was loaded, in seconds since 1970.',
      figures.started / 1000,
    ),
    gauge('workers', 'Worker threads.', workers.length),
    counter(
      'verdicts',
      'Messages that came in, by what became of them: replace (given to Kea), reply (answered by the engine), drop.',
      ...packetFates.map((verdict, at) => ({ labels: { verdict }, value: packets.verdicts[at] ?? 0 })),
    ),
    counter('sealed', "Answers of Kea's that were encrypted.", packets.sealed),
    counter(
      'failures',
      'Messages and answers that were dropped, or refused with a report, by reason.',
      ...dropReasons.map((reason, at) => ({ labels: { reason }, value: packets.reasons[at] ?? 0 })),
    ),
    {
      name: `${prefix}duration_seconds`,
      help: 'Time from a question of the hook to the answer, by kind of message.',
      type: 'histogram',
      histograms: packetKinds.map((kind, at) => ({
        labels: { kind },
        counts: packets.latencies[at] ?? { buckets: [], sum: 0 },
      })),
    },
    gauge('keys', "Clients' keys in the key table.", figures.keys),
    gauge('contexts', 'Open encryption contexts.', contexts),
    gauge('blocked_sources', 'Sources that are ignored at the moment.', blocked),
    gauge(
      'certificate_expiry_seconds',
      "When the server's certificate expires, in seconds since 1970.",
      expiry.certificate,
    ),
    gauge(
      'crl_next_update_seconds',
      'When the first CRL of an issuer is over, in seconds since 1970.',
      ...Array.from(expiry.crls, ([issuer, value]) => ({ labels: { issuer }, value })),
    ),
    counter('processor_seconds', 'Processor time of the engine, user and system.', process.processorTime),
    gauge('resident_memory_bytes', 'Resident memory of the engine.', process.residentMemory),
  ];
}
