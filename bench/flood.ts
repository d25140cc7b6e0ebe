// SPDX-License-Identifier: MPL-2.0

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CLIENT_INTERFACE,
  createTopology,
  dropCounts,
  Flood,
  type FloodSettings,
  hookedKea,
  KeaServer,
  logger,
  SERVER_INTERFACE,
  Testbed,
  TestPki,
  tree,
} from '../test/integration/support';

/** Bad Encrypted-Requests a second, and good exchanges a second. */
const floodRate = 2000;
const loadRate = 40;
const seconds = 10;

const server = '2001:db8:1::1';
const relay = '2001:db8:1::2';

/** The clients: renewals in open contexts, new contexts of known clients, authentication, and all of a newcomer's way. */
const loads = [
  ['renew', 'renew in open contexts', ['renew']],
  ['reopen', 'renew in new contexts of known clients', ['renew', '--fresh-contexts']],
  ['newcomer', 'newcomers: authenticate and lease', ['newcomer']],
] as const;

const attacks: readonly (readonly [string, Pick<FloodSettings, 'flaw' | 'sources'> | undefined])[] = [
  ['no flood', undefined],
  ['bad signatures, invented addresses', { flaw: 'signature', sources: 'many' }],
  ["a stranger's certificates, invented addresses", { flaw: 'path', sources: 'many' }],
  ['bad signatures, one address', { flaw: 'signature', sources: 'one' }],
];

/** What one load got under one attack. */
export interface FloodFigure {
  readonly attack: string;
  readonly load: string;
  /** Share of the exchanges that were served to their end, at last. */
  readonly served: number;
  /** Milliseconds, retransmissions included. */
  readonly median: number;
  readonly p99: number;
  /** Attacker's messages a second. */
  readonly flooded: number;
  /** What the hook dropped meanwhile, by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

interface PerfReport {
  readonly started: number;
  readonly done: number;
  readonly latency: Readonly<Record<'median' | 'p99', number>> | undefined;
}

function isReport(value: unknown): value is PerfReport {
  return typeof value === 'object' && value !== null && 'started' in value && 'done' in value;
}

/**
 * What authenticated, known and new clients get while somebody floods the server with Encrypted-Requests that it must
 * refuse. The worst case for the clients: they and the flood come by the same relay from the same link.
 */
export async function measureFlood(progress: (line: string) => void): Promise<FloodFigure[]> {
  const figures: FloodFigure[] = [];
  for (const [attack, flaw] of attacks) {
    for (const [, load, scenario] of loads) {
      const figure = await measureOne(attack, flaw, load, scenario);
      progress(floodRow(figure));
      figures.push(figure);
    }
  }
  return figures;
}

async function measureOne(
  attack: string,
  flaw: Pick<FloodSettings, 'flaw' | 'sources'> | undefined,
  load: string,
  scenario: readonly string[],
): Promise<FloodFigure> {
  const testbed = await Testbed.create();
  try {
    const topology = await createTopology(testbed, 0);
    await topology.client.addAddress(CLIENT_INTERFACE, relay);
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const stranger = await (await TestPki.create(join(testbed.directory, 'elsewhere'))).client();
    const interfaces = [`${SERVER_INTERFACE}/${server}`];
    const settings = { interfaces, loggers: [logger('kea-dhcp6')] };
    const credentials = await pki.server();
    const kea = await KeaServer.start(
      await hookedKea(testbed, topology, { pki, credentials, kea: settings }),
    );
    const authority = join(testbed.directory, 'authority');
    await mkdir(authority, { mode: 0o700 });
    await writeFile(join(authority, 'ca.pem'), pki.authority.certificatePem);
    await writeFile(join(authority, 'ca.key'), pki.authority.privateKeyPem, { mode: 0o600 });
    const attacker = { rate: floodRate, server, linkAddress: relay, credentials: stranger };
    const flood = flaw && (await Flood.start(topology, { ...attacker, ...flaw }));
    const clients = ['--relay', relay, '--server', server, '--directory', authority];
    const pace = ['--rate', String(loadRate), '--duration', String(seconds), '--clients', '100', '--json'];
    const args = [tree.cli, 'perf', ...scenario, ...clients, ...pace];
    const { stdout, stderr } = await topology.client.runTree(process.execPath, args);
    const flooded = (await flood?.stop())?.rate ?? 0;
    const report: unknown = JSON.parse(stdout);
    if (!isReport(report)) {
      throw new Error(`no report: ${stdout}${stderr}`);
    }
    const { started, done, latency } = report;
    return {
      attack,
      load,
      served: done / started,
      median: (latency?.median ?? NaN) / 1000,
      p99: (latency?.p99 ?? NaN) / 1000,
      flooded,
      drops: await dropCounts(kea),
    };
  } finally {
    await testbed.close();
  }
}

function floodRow({ attack, load, served, median, p99, flooded, drops }: FloodFigure): string {
  const cells = [`${(served * 100).toFixed(1)} %`, median.toFixed(1), p99.toFixed(1), flooded.toFixed(0)];
  return `${attack.padEnd(48)}${load.padEnd(42)}${cells.map((cell) => cell.padStart(9)).join('')}  ${JSON.stringify(drops)}`;
}

if (require.main === module) {
  const head = ['served', 'median', 'p99 ms', 'flood/s'].map((cell) => cell.padStart(9)).join('');
  console.log(`${''.padEnd(90)}${head}`);
  void measureFlood((line) => {
    console.log(line);
  });
}
