// SPDX-License-Identifier: MPL-2.0

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface FixtureRun {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of test/bridge/fixtures in a process of its own, behind a shell command if one is given. */
export function runFixture(name: string, args: readonly string[], first = 'true'): FixtureRun {
  const program = join(__dirname, '../fixtures', name);
  const command = ['-c', `${first} && exec "$0" "$@"`, process.execPath, program, ...args];
  const { status, signal, stdout, stderr } = spawnSync('sh', command, { encoding: 'utf8', timeout: 300_000 });
  return { status, signal, stdout, stderr };
}
