// SPDX-License-Identifier: MPL-2.0

import '../support/ignore-sigusr1';
import { parseArgs } from 'node:util';
import { Session } from './process/session';

/**
 * The engine as the hook starts it: `node --inspect-port=… dist/engine/main.js --control-fd 3`. It serves that one connection
 * and ends with it. What it prints to standard error, the hook logs.
 */
function main(): void {
  const { values } = parseArgs({ options: { 'control-fd': { type: 'string' } } });
  const fd = Number(values['control-fd']);
  if (!Number.isInteger(fd) || fd < 0) {
    throw new Error('--control-fd: the descriptor of a connected socket is expected');
  }
  // A refused packet is an error object; nobody reads where it was made.
  Error.stackTraceLimit = 4;
  new Session(fd, {
    ended: (error, isStuck) => {
      if (isStuck) {
        // exit() would wait for the thread.
        process.kill(process.pid, 'SIGKILL');
      }
      process.exit(error === undefined ? 0 : 1);
    },
  });
}

main();
