// SPDX-License-Identifier: MPL-2.0
import { createHash } from 'node:crypto';
import { KeyTable, KeyTableError } from '../../../../src/engine/key-table';

/**
 * node fill.js DIRECTORY: adds records until one is refused; prints the error's code, how many records were
 * accepted, how many of them can be found, and whether a small change is refused too.
 */
const table = KeyTable.open({
  directory: process.argv[2]!,
  maxEntries: 1_000_000,
  lifetime: 1000,
  now: () => Date.UTC(2026, 0, 1),
});

function client(count: number) {
  return {
    keyId: createHash('sha256').update(`client ${count}`).digest(),
    spki: Buffer.alloc(550, count),
    kind: 'public-key',
    certified: undefined,
    notAfter: undefined,
    text: '',
  } as const;
}

let accepted = 0;
let code = 'none';
while (code === 'none' && accepted < 100_000) {
  try {
    table.acceptTimestamp(client(accepted), 1n, 1n, () => 'accept');
    accepted += 1;
  } catch (error) {
    code = error instanceof KeyTableError ? error.code : String(error);
  }
}
let found = 0;
for (let count = 0; count < accepted; count += 1) {
  found += Number(table.find(client(count).keyId) !== undefined);
}
const refusedIsThere = table.find(client(accepted).keyId) !== undefined;
console.log(JSON.stringify({ code, accepted, found, refusedIsThere }));
