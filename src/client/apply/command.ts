// SPDX-License-Identifier: MPL-2.0

import { execFile } from 'node:child_process';

/** Milliseconds. */
const MAX_DURATION = 10_000;

/** Runs a program to its end; its environment is PATH and what is given. */
export type RunCommand = (command: string, args: readonly string[], input?: string) => Promise<string>;

/** @throws Error that says which program failed and what it said */
export const runCommand: RunCommand = (command, args, input) =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
    const child = execFile(
      command,
      [...args],
      { env, timeout: MAX_DURATION, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else {
          reject(
            new Error(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }),
          );
        }
      },
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
