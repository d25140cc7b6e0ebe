// SPDX-License-Identifier: MPL-2.0
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { KeyTable } from '../../../../src/engine/key-table';

/** node busy.js DIRECTORY FROM: changes the table without a pause and says after each change which one it was. */
const [directory, from] = process.argv.slice(2);
const table = KeyTable.open({
  directory: directory!,
  maxEntries: 50,
  lifetime: 1000,
  now: () => Date.UTC(2026, 0, 1) + Number(from) * 1000,
});

for (let count = Number(from); ; count += 1) {
  const client = {
    keyId: createHash('sha256')
      .update(`client ${count % 70}`)
      .digest(),
    spki: Buffer.alloc(550, count),
    kind: 'certificate',
    certified: { issuer: Buffer.alloc(32, 1), names: Buffer.alloc(32, count % 70) },
    notAfter: Date.UTC(2027, 0, 1),
    text: `CN=client ${count % 70}`,
  } as const;
  table.acceptTimestamp(client, BigInt(count), BigInt(count), () => 'accept');
  table.noteUse(client.keyId);
  table.rememberAddress(`source ${count % 30}`, client.keyId);
  if (count % 7 === 0) {
    table.delete(
      createHash('sha256')
        .update(`client ${(count * 3) % 70}`)
        .digest(),
    );
  }
  table.acceptTimestamp({ ...client, keyId: Buffer.alloc(32, 0xff) }, BigInt(count), 0n, () => 'accept');
  writeSync(1, `${count}\n`);
}
