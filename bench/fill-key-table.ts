// SPDX-License-Identifier: MPL-2.0

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ntpFromUnixMilliseconds } from '../src/crypto';
import { type ClientIdentity, KeyTable, prepareKeyTable } from '../src/engine';
import { tree } from '../test/integration/support';

/** Room for the clients of the measurement, too. */
export const MAX_ENTRIES = 1_500_000;
export const lifetime = 604_800;

/** The program that makes a table, in the build. */
const verifier = join(dirname(tree.cli), '../engine/key-table/verify-process.js');

const p256Prefix = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
const pointLength = 64;

/** What a certificate of P-256 leaves in the table; nobody holds such a key. */
function madeUpIdentity(client: number, now: number): ClientIdentity {
  const spki = Buffer.concat([p256Prefix, randomBytes(pointLength)]);
  return {
    keyId: createHash('sha256').update(spki).digest(),
    spki,
    kind: 'certificate',
    certified: { issuer: Buffer.alloc(32, 1), names: randomBytes(32) },
    notAfter: now + 1000 * lifetime,
    text: `CN=made-up-${String(client)}`,
  };
}

/** Makes a key table of so many clients, each with a timestamp and a source. */
export async function fillKeyTable(directory: string, count: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await prepareKeyTable(directory, verifier);
  const table = KeyTable.open({ directory, maxEntries: MAX_ENTRIES, lifetime, now: Date.now });
  for (let client = 0; client < count; client += 1) {
    const now = Date.now();
    const identity = madeUpIdentity(client, now);
    const timestamp = ntpFromUnixMilliseconds(now);
    table.acceptTimestamp(identity, timestamp, timestamp, () => 'accept');
    table.rememberAddress(`made-up-${String(client)}`, identity.keyId);
  }
  await table.flush();
  await table.close();
}
