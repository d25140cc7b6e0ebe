// SPDX-License-Identifier: MPL-2.0

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { measureCleartext } from './cleartext';
import { cryptoTable, measureCrypto } from './crypto';
import { measureEncrypted } from './encrypted';
import type { Figure } from './measured';

function row({ name, unit, value }: Figure): string {
  const cells = [value.median, value.minimum, value.maximum].map((cell) => cell.toPrecision(4).padStart(10));
  return `${name.padEnd(58)}${cells.join('')}  ${unit}`;
}

async function main(): Promise<void> {
  const figures = [...(await measureCleartext()), ...(await measureEncrypted())];
  const crypto = measureCrypto();
  const head = `${''.padEnd(58)}${['median', 'min', 'max'].map((cell) => cell.padStart(10)).join('')}`;
  console.log([head, ...figures.map(row), '', cryptoTable(crypto)].join('\n'));
  const results = {
    date: new Date().toISOString(),
    node: process.version,
    processors: cpus().map(({ model }) => model),
    figures,
    crypto,
  };
  writeFileSync(join(process.cwd(), 'bench', 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
}

void main();
