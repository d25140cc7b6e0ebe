// SPDX-License-Identifier: MPL-2.0

import { runOk, tree } from '../test/integration/support';
import type { BenchServer } from './bench-server';

/** What one run of `kea-encryption perf` measured. */
export interface Load {
  /** Microseconds of processor time per exchange, of the server's processes together. */
  readonly cost: number;
  /** The hook's side and the engine's of it. */
  readonly kea: number;
  readonly engine: number;
  /** Exchanges served, a second. */
  readonly rate: number;
  /** Microseconds. */
  readonly median: number;
  readonly p99: number;
}

/** Seconds of each measurement: processor time is counted in hundredths of a second. */
const duration = 3;

/**
 * @param scenario of `kea-encryption perf`, with its options
 * @param warmUp seconds of the same load before the measurement: until then JavaScript is compiled, on both ends
 */
export async function load(server: BenchServer, scenario: readonly string[], warmUp = 2): Promise<Load> {
  const { client, kea, enginePid, authority } = server;
  const pids = [kea.pid, ...(enginePid === undefined ? [] : [enginePid])].map(String);
  const output = await runOk('ip', [
    ...['netns', 'exec', client.name, process.execPath, tree.cli, 'perf', ...scenario],
    ...['--directory', authority, '--warm-up', String(warmUp), '--duration', String(duration), '--json'],
    ...['--pid', ...pids],
  ]);
  const [keaCost = NaN, engineCost = 0] = numbersOf(output, 'microsecondsPerExchange');
  const [rate = NaN] = numbersOf(output, 'rate');
  const [median = NaN] = numbersOf(output, 'median');
  const [p99 = NaN] = numbersOf(output, 'p99');
  return { cost: keaCost + engineCost, kea: keaCost, engine: engineCost, rate, median, p99 };
}

function numbersOf(json: string, field: string): number[] {
  return [...json.matchAll(new RegExp(`"${field}": ([\\d.]+)`, 'g'))].map(([, value]) => Number(value));
}
