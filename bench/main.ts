// SPDX-License-Identifier: MPL-2.0

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { measureCleartext } from './cleartext';
import { cryptoTable, measureCrypto } from './crypto';
import { measureEncrypted } from './encrypted';
import { measureKeyTableSize } from './key-table-size';
import type { Figure } from './measured';
import { measureServerCost } from './server-cost';
import { measureStart } from './start';
import { measureWorkers } from './workers';

const measurements: Readonly<Record<string, () => Promise<Figure[]>>> = {
  cleartext: measureCleartext,
  latency: measureEncrypted,
  cost: measureServerCost,
  keys: measureKeyTableSize,
  workers: measureWorkers,
  start: measureStart,
};

const nameWidth = 62;

function row({ name, unit, value }: Figure): string {
  const cells = [value.median, value.minimum, value.maximum].map((cell) => cell.toPrecision(4).padStart(10));
  return `${name.padEnd(nameWidth)}${cells.join('')}  ${unit}`;
}

async function main(selection: readonly string[]): Promise<void> {
  const unknown = selection.find((name) => measurements[name] === undefined);
  if (unknown !== undefined) {
    throw new Error(`${unknown} is none of ${Object.keys(measurements).join(', ')}`);
  }
  console.log(`${''.padEnd(nameWidth)}${['median', 'min', 'max'].map((cell) => cell.padStart(10)).join('')}`);
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(measurements)) {
    if (selection.length === 0 || selection.includes(name)) {
      const measured = await measure();
      console.log(measured.map(row).join('\n'));
      figures.push(...measured);
    }
  }
  if (selection.length > 0) {
    return;
  }
  const crypto = measureCrypto();
  console.log(`\n${cryptoTable(crypto)}`);
  const results = {
    date: new Date().toISOString(),
    node: process.version,
    processors: cpus().map(({ model }) => model),
    figures,
    crypto,
  };
  writeFileSync(join(process.cwd(), 'bench', 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
}

void main(process.argv.slice(2));
