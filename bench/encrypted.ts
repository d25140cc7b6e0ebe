// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CLIENT_INTERFACE,
  createTopology,
  enginePid,
  hookedKea,
  KeaServer,
  logger,
  runOk,
  Testbed,
  TestPki,
} from '../test/integration/support';
import { type Figure, figure, quantile } from './measured';
import type { RoundTrips } from './round-trip-client';
import { rounds } from './rounds';

const kilobyte = 1024;

/** Milliseconds until an engine that has served nothing yet has settled. */
const settling = 3000;

/**
 * What a Renew costs an authenticated client with an open context, beside a cleartext Renew, with the server idle
 * otherwise; and the engine's memory at rest.
 */
export async function measureEncrypted(): Promise<Figure[]> {
  const medians: Record<'clear' | 'encrypted' | 'crypto', number[]> = {
    clear: [],
    encrypted: [],
    crypto: [],
  };
  const late: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { clear, encrypted, cryptography, resident } = await measureRound();
    medians.clear.push(quantile(clear, 0.5));
    medians.encrypted.push(quantile(encrypted, 0.5));
    medians.crypto.push(quantile(cryptography, 0.5));
    late.push(quantile(encrypted, 0.99));
    memory.push(resident / kilobyte);
  }
  const added = medians.encrypted.map(
    (time, round) => time - (medians.clear[round] ?? NaN) - (medians.crypto[round] ?? NaN),
  );
  return [
    figure('round trip of a cleartext Renew, median', 'µs', medians.clear),
    figure('round trip of an encrypted Renew, median', 'µs', medians.encrypted),
    figure('round trip of an encrypted Renew, 99th percentile', 'µs', late),
    figure('cryptography in it, both ends', 'µs', medians.crypto),
    figure('added beside the cryptography, median', 'µs', added),
    figure('resident memory of the engine at rest, 2 workers', 'MiB', memory),
  ];
}

interface Round {
  readonly clear: readonly number[];
  readonly encrypted: readonly number[];
  readonly cryptography: readonly number[];
  /** KiB */
  readonly resident: number;
}

async function measureRound(): Promise<Round> {
  const testbed = await Testbed.create();
  try {
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const [server, client] = [await pki.server(), await pki.client()];
    const topology = await createTopology(testbed, 0);
    const kea = await KeaServer.start({
      ...(await hookedKea(testbed, topology, { pki, credentials: server })),
      loggers: [logger('kea-dhcp6')],
    });
    await new Promise((resolve) => setTimeout(resolve, settling));
    const resident = residentKilobytes(await enginePid(kea));
    const program = join(__dirname, 'round-trip-client.js');
    const credentials = [client.certificate, client.privateKey];
    const output = await runOk('ip', [
      ...['netns', 'exec', topology.client.name, process.execPath, program],
      ...[CLIENT_INTERFACE, ...credentials],
    ]);
    await kea.stop();
    const result: unknown = JSON.parse(output);
    if (!isRoundTrips(result)) {
      throw new Error(`no round trips: ${output}`);
    }
    return { ...result, resident };
  } finally {
    await testbed.close();
  }
}

function isRoundTrips(value: unknown): value is RoundTrips {
  return typeof value === 'object' && value !== null && 'encrypted' in value;
}

function residentKilobytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN);
}
