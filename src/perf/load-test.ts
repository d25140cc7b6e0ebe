// SPDX-License-Identifier: MPL-2.0

import type { Authority, IssuedKeyType } from '../pki';
import { openDirectLink } from './direct-link';
import type { Link } from './link';
import { createLoadClients } from './load-clients';
import { type LoadCounts, newCounts } from './load-counts';
import { LoadRun, prepareClients } from './load-run';
import { type ProcessTime, processTime, timeBetween } from './process-time';
import { openRelayLink, type RelayLinkOptions } from './relay-link';
import { scenario, type ScenarioName } from './scenario';
import { Transactions } from './transactions';

/** Microseconds. */
export interface LatencySummary {
  readonly minimum: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly maximum: number;
}

export interface LoadTestOptions {
  readonly scenario: ScenarioName;
  readonly solution: 'A' | 'B';
  readonly keyType: IssuedKeyType;
  /** Certifies the clients; without one they show bare keys. */
  readonly authority: Authority | undefined;
  /** The interface of direct clients, or the relay agent that clients are behind. */
  readonly access: { readonly interfaceName: string } | RelayLinkOptions;
  readonly clients: number;
  /** Number of the first client. */
  readonly first: number;
  /** The part of the clients that speaks in clear, 0 to 1. */
  readonly cleartextShare: number;
  readonly freshContexts: boolean;
  /** The credential goes with every Encrypted-Request, and with every query that opens a context. */
  readonly showsCredential: boolean;
  readonly rate: number | undefined;
  readonly inFlight: number;
  /** Seconds of the same load before the measurement, in which both ends' code is compiled. */
  readonly warmUp: number;
  /** Seconds. */
  readonly duration: number;
  readonly exchanges: number;
  /** Milliseconds until a message counts as lost. */
  readonly timeout: number;
  readonly attempts: number;
  /** Processes whose time is measured: the server's. */
  readonly pids: readonly number[];
}

export interface LoadTestResult extends LoadCounts {
  readonly scenario: ScenarioName;
  /** Clients that reached the start of the scenario. */
  readonly clients: number;
  readonly seconds: number;
  /** Exchanges served, a second. */
  readonly rate: number;
  /** Microseconds from an exchange's first message to its last; undefined if none was served. */
  readonly latency: LatencySummary | undefined;
  /** Microseconds of processor time during the exchanges. */
  readonly processes: readonly ProcessTime[];
}

const monotonic = (): number => performance.now();

function openLink({ access }: LoadTestOptions): Promise<Link> {
  return 'interfaceName' in access ? openDirectLink(access.interfaceName) : openRelayLink(access);
}

/**
 * Puts load on a server and measures what comes back, and what the server's processes spent on it.
 * @throws ClientError, EncodeError, PkiError, Error of the system
 */
export async function runLoadTest(options: LoadTestOptions): Promise<LoadTestResult> {
  const link = await openLink(options);
  try {
    const counts = newCounts();
    const { timeout, attempts } = options;
    const transactions = new Transactions(link, counts, timeout, attempts, Math.random);
    const clients = await createLoadClients(options.clients, options.cleartextShare, transactions, {
      ...options,
      now: Date.now,
    });
    const chosen = scenario(options.scenario, options.freshContexts);
    const ready = await prepareClients(clients, chosen, options.inFlight);
    if (options.warmUp > 0) {
      const limits = { ...options, duration: options.warmUp };
      await new LoadRun(ready, chosen, counts, limits, monotonic).run();
    }
    Object.assign(counts, newCounts());
    const run = new LoadRun(ready, chosen, counts, options, monotonic);
    const before = options.pids.map(processTime);
    const seconds = await run.run();
    const processes = before.map((time) => timeBetween(time, processTime(time.pid)));
    return {
      scenario: options.scenario,
      clients: ready.length,
      ...counts,
      seconds,
      rate: counts.done / seconds,
      latency: run.latencies.length === 0 ? undefined : summariseLatencies(run.latencies),
      processes,
    };
  } finally {
    await link.close();
  }
}

/** @param values microseconds, at least one, in any order */
function summariseLatencies(values: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
  return { minimum: at(0), median: at(0.5), p90: at(0.9), p99: at(0.99), maximum: at(1) };
}
