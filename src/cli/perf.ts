// SPDX-License-Identifier: MPL-2.0

import { type Command, Option } from 'commander';
import {
  type LoadTestOptions,
  type LoadTestResult,
  runLoadTest,
  scenarioHelp,
  type ScenarioName,
  scenarioNames,
} from '../perf';
import { type IssuedKeyType, issuedKeyTypes } from '../pki';
import { UsageError } from './errors';
import { decimal, wholeNumber } from './numbers';
import { AuthorityDirectory } from './pki/authority-directory';
import { print, printJson, resultLines } from './print';

interface PerfOptions {
  readonly interface?: string;
  readonly relay?: string;
  readonly server?: string;
  readonly solution: 'A' | 'B';
  readonly keyType: IssuedKeyType;
  readonly directory?: string;
  readonly clients: number;
  readonly first: number;
  readonly cleartext: number;
  readonly freshContexts: boolean;
  readonly showCredential: boolean;
  readonly rate?: number;
  readonly inFlight: number;
  readonly warmUp: number;
  readonly duration: number;
  readonly exchanges?: number;
  readonly timeout: number;
  readonly attempts: number;
  readonly pid: readonly number[];
  readonly json: boolean;
}

/** Fewer than transaction-ids, which have 24 bits. */
const MAX_CLIENTS = 1_000_000;

function accessOf(options: PerfOptions): LoadTestOptions['access'] {
  const { relay, server } = options;
  if (options.interface !== undefined) {
    if (relay !== undefined || server !== undefined) {
      throw new UsageError("--interface is for clients on the server's link: leave --relay and --server out");
    }
    return { interfaceName: options.interface };
  }
  if (relay === undefined || server === undefined) {
    throw new UsageError('either --interface, or --relay and --server, say how to reach the server');
  }
  return { server, linkAddress: relay };
}

/** Processor time per exchange. */
interface Cost {
  readonly name: string;
  readonly pid: number;
  readonly userMicroseconds: number;
  readonly systemMicroseconds: number;
  readonly microsecondsPerExchange: number | null;
}

function costs({ processes, done }: LoadTestResult): Cost[] {
  return processes.map(({ name, pid, user, system }) => ({
    name,
    pid,
    userMicroseconds: user,
    systemMicroseconds: system,
    microsecondsPerExchange: done === 0 ? null : (user + system) / done,
  }));
}

function text(result: LoadTestResult): string[] {
  const { latency } = result;
  const time = (microseconds: number): string => `${String(microseconds)} µs`;
  return resultLines({
    scenario: result.scenario,
    clients: result.clients,
    started: result.started,
    served: result.done,
    failed: result.failed,
    drops: result.drops,
    retransmissions: result.retransmissions,
    seconds: result.seconds.toFixed(2),
    exchangesASecond: result.rate.toFixed(1),
    ...(latency && {
      latencyMinimum: time(latency.minimum),
      latencyMedian: time(latency.median),
      'latency 90 %': time(latency.p90),
      'latency 99 %': time(latency.p99),
      latencyMaximum: time(latency.maximum),
    }),
    ...Object.fromEntries(
      costs(result).map(({ name, pid, microsecondsPerExchange, userMicroseconds, systemMicroseconds }) => [
        `${name} (${String(pid)})`,
        microsecondsPerExchange === null
          ? 'no exchange'
          : `${microsecondsPerExchange.toFixed(1)} µs an exchange, ` +
            `${String(Math.round((100 * userMicroseconds) / (userMicroseconds + systemMicroseconds || 1)))} % of it user`,
      ]),
    ),
  });
}

async function perf(scenario: string, options: PerfOptions): Promise<void> {
  const name = scenarioNames.find((known): known is ScenarioName => known === scenario);
  if (name === undefined) {
    throw new UsageError(`${JSON.stringify(scenario)} is none of ${scenarioNames.join(', ')}`);
  }
  const { directory } = options;
  const result = await runLoadTest({
    ...options,
    rate: options.rate,
    showsCredential: options.showCredential,
    scenario: name,
    access: accessOf(options),
    authority: directory === undefined ? undefined : new AuthorityDirectory(directory).load(),
    cleartextShare: options.cleartext / 100,
    // Each client is a newcomer only once: none is left for a warm-up.
    warmUp: name === 'newcomer' ? 0 : options.warmUp,
    exchanges: Math.min(options.exchanges ?? Infinity, name === 'newcomer' ? options.clients : Infinity),
    pids: options.pid,
  });
  if (options.json) {
    printJson({ ...result, processes: costs(result) });
  } else {
    print(...text(result));
  }
  if (result.done === 0) {
    process.exitCode = 1;
  }
}

/** `kea-encryption perf`: load from simulated clients. */
export function registerPerfCommand(program: Command): void {
  program
    .command('perf')
    .description('put the load of many simulated clients on a server, and measure its answers')
    .argument('[scenario]', `one of ${scenarioNames.join(', ')}`, 'four-way')
    .option('--interface <name>', "the clients are on the server's link, behind this interface")
    .option(
      '--relay <address>',
      'the clients are behind a relay agent at this address of this host, which names their link',
    )
    .option('--server <address>', 'where the relay agent sends to, with %interface if it is link-local')
    .addOption(
      new Option('--solution <solution>', 'which mechanism the server runs').choices(['A', 'B']).default('A'),
    )
    .addOption(
      new Option('--key-type <type>', "the clients' keys").choices([...issuedKeyTypes]).default('P-256'),
    )
    .option(
      '--directory <directory>',
      'authority that certifies the clients, as `pki init` made it; without it they show bare keys',
    )
    .option('--clients <count>', 'how many clients there are', wholeNumber(1, MAX_CLIENTS), 100)
    .option(
      '--first <number>',
      'number of the first client, so that another run has other ones',
      wholeNumber(0, 0x7fff_ffff),
      0,
    )
    .option('--cleartext <percent>', 'how many of the clients speak in clear', decimal(0, 100), 0)
    .option('--fresh-contexts', 'every exchange opens an encryption context of its own', false)
    .option(
      '--show-credential',
      'the credential goes with every Encrypted-Request, and with every query that opens a context',
      false,
    )
    .option(
      '--rate <number>',
      'exchanges a second; by default as fast as they are answered',
      decimal(0.01, 1_000_000),
    )
    .option('--in-flight <count>', 'exchanges at the same time, at most', wholeNumber(1, 10_000), 16)
    .option('--warm-up <seconds>', 'how long the load lasts before it is measured', decimal(0, 3600), 0)
    .option('--duration <seconds>', 'how long new exchanges begin', decimal(0.1, 86_400), 10)
    .option('--exchanges <count>', 'how many exchanges there are at most', wholeNumber(1, 1_000_000_000))
    .option('--timeout <milliseconds>', 'when a message counts as lost', wholeNumber(1, 60_000), 1000)
    .option('--attempts <count>', 'how often a message is sent in all', wholeNumber(1, 100), 3)
    .option(
      '--pid <pids...>',
      "processes whose processor time is measured: kea-dhcp6's and the engine's",
      (value: string, previous: readonly number[]) => [...previous, wholeNumber(1, 0x7fff_ffff)(value)],
      [],
    )
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
Scenarios:
${scenarioHelp()}

The clients check nothing that the server sends: it is the server that is measured. Keys, certificates and, but for
newcomers, authentication and the warm-up come before the measurement. A message that is not answered in time counts as
a drop and is sent anew. Exit codes: 0 some exchange was served, 1 none was, 2 wrong usage.

Examples:
  kea-encryption perf renew --interface eth0 --directory ./pki --clients 200 --duration 30
  kea-encryption perf newcomer --relay 2001:db8:1::2 --server 2001:db8:1::1 --rate 50 --clients 1000 \\
    --pid $(pidof kea-dhcp6)`,
    )
    .action(perf);
}
