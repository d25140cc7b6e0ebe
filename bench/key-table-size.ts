// SPDX-License-Identifier: MPL-2.0

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { access, withServer } from './bench-server';
import { fillKeyTable, lifetime, MAX_ENTRIES } from './fill-key-table';
import { load } from './load';
import { type Figure, figure } from './measured';
import { rounds, Samples } from './rounds';

const [fewest, most] = [1_000, 1_000_000];
const sizes = [fewest, 100_000, most];
const kibibyte = 1024;

/** Opening Renews: each looks a key up, writes its timestamp and looks a binding up. */
const opening = [
  ...['renew', '--fresh-contexts', '--rate', '300', ...access.relayed],
  ...['--clients', '20', '--in-flight', '4'],
];
const renew = ['renew', ...access.relayed, '--clients', '20', '--in-flight', '1'];

/** The same load on servers that know a thousand, a hundred thousand and a million keys. */
export async function measureKeyTableSize(): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ke-table-'));
  const samples = new Samples();
  try {
    for (const size of sizes) {
      await fillKeyTable(tableDirectory(directory, size), size);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const size of sizes) {
        await measureSize(tableDirectory(directory, size), size, samples);
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  return [...sizes.flatMap((size) => figuresOf(size, samples)), ...comparisons(samples)];
}

function tableDirectory(directory: string, size: number): string {
  return join(directory, String(size));
}

async function measureSize(directory: string, size: number, samples: Samples): Promise<void> {
  const parameters = {
    'state-directory': directory,
    'key-table': { 'max-entries': MAX_ENTRIES, lifetime },
  };
  await withServer({ keyType: 'P-256', withHook: true, parameters }, async (server) => {
    samples.add(`${size} opening`, (await load(server, opening, 5)).cost);
    const { median, p99 } = await load(server, renew);
    samples.add(`${size} median`, median);
    samples.add(`${size} p99`, p99);
    const engine = await residentKibibytes(server.enginePid);
    samples.add(`${size} engine`, engine.anonymous);
    samples.add(`${size} mapped`, engine.mapped);
    samples.add(`${size} kea`, (await residentKibibytes(server.kea.pid)).anonymous);
    samples.add(`${size} file`, (await stat(join(directory, 'key-table.mdb'))).blocks / 2);
  });
}

async function residentKibibytes(pid: number | undefined): Promise<{ anonymous: number; mapped: number }> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
  return { anonymous: field('RssAnon'), mapped: field('RssFile') };
}

function figuresOf(size: number, samples: Samples): Figure[] {
  const memory = (name: string): number[] => samples.of(`${size} ${name}`).map((value) => value / kibibyte);
  return [
    figure(`${size} keys: server CPU of an opening Renew`, 'µs', samples.of(`${size} opening`)),
    figure('  round trip of a Renew, median', 'µs', samples.of(`${size} median`)),
    figure('  round trip of a Renew, 99th percentile', 'µs', samples.of(`${size} p99`)),
    figure("  the engine's own memory", 'MiB', memory('engine')),
    figure('  pages of files in it, the key table and programs', 'MiB', memory('mapped')),
    figure("  Kea's own memory", 'MiB', memory('kea')),
  ];
}

function comparisons(samples: Samples): Figure[] {
  const perKey = (name: string): number[] =>
    samples
      .difference(`${most} ${name}`, `${fewest} ${name}`)
      .map((value) => (value * kibibyte) / (most - fewest));
  return [
    figure(
      `opening Renew, ${most} keys : ${fewest}`,
      'ratio',
      samples.ratio(`${most} opening`, `${fewest} opening`),
    ),
    figure("  memory a key, the engine's own", 'octets', perKey('engine')),
    figure("  memory a key, Kea's own", 'octets', perKey('kea')),
    figure('  file a key', 'octets', perKey('file')),
  ];
}
