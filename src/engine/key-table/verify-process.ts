// SPDX-License-Identifier: MPL-2.0

/**
 * node verify-process.js TABLE [REBUILT]: opens the table, making it where it is not there, and verifies it;
 * with a second path also writes all of it to a new file, whose pages are all accounted for. A process of its
 * own, because LMDB maps its file and follows what it finds there: a corrupt one may end the process.
 */

import '../../support/ignore-sigusr1';
import { closeSync, fdatasyncSync, openSync, rmSync } from 'node:fs';
import { errorText } from '../../support';
import { KeyTableError } from './errors';
import { openStore } from './store';
import { verifyStore } from './verify';
import { VerifierExit } from './verifier';

async function verify(table: string, rebuilt: string | undefined): Promise<number> {
  const store = openStore(table);
  try {
    verifyStore(store);
    return rebuilt === undefined ? VerifierExit.Good : await rebuild(store.root, rebuilt);
  } finally {
    await store.root.close();
  }
}

async function rebuild(
  root: { backup(path: string, compact: boolean): Promise<void> },
  rebuilt: string,
): Promise<number> {
  try {
    rmSync(rebuilt, { force: true });
    await root.backup(rebuilt, true);
    const descriptor = openSync(rebuilt, 'r');
    fdatasyncSync(descriptor);
    closeSync(descriptor);
    return VerifierExit.Good;
  } catch (error) {
    process.stderr.write(errorText(error));
    return VerifierExit.NotRebuilt;
  }
}

process.umask(0o077);
const [table, rebuilt] = process.argv.slice(2);
void verify(table ?? '', rebuilt)
  .catch((error: unknown) => {
    process.stderr.write(errorText(error));
    const unavailable = error instanceof KeyTableError && error.code === 'unavailable';
    return unavailable ? VerifierExit.Unavailable : VerifierExit.Unusable;
  })
  .then((code) => {
    process.exitCode = code;
  });
