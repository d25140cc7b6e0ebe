// SPDX-License-Identifier: MPL-2.0

import '../support/ignore-sigusr1';
import { parseArgs } from 'node:util';
import { forbidCoreDumps } from '../bridge';
import { parseKeaJson } from './kea-config/kea-json';
import { readConfigureText } from './process/session-configuration';
import { Session } from './process/session';
import type { Policy } from './settings';

/** @throws Error that names the option */
function descriptor(name: string, text: string | undefined): number {
  const fd = Number(text);
  if (!Number.isInteger(fd) || fd < 0) {
    throw new Error(`--${name}: a descriptor is expected`);
  }
  return fd;
}

/** The hook's parameters, which Kea that has started this engine hands to it. */
function readHandedPolicy(fd: number): Policy {
  return { path: ['parameters'], parameters: parseKeaJson(readConfigureText(fd)) };
}

/**
 * The engine as the hook starts it: `node --inspect-port=… dist/engine/main.js --control-fd 3 --settings-fd 4`. It serves
 * that one connection, by the settings at the other descriptor, and ends with it. What it prints to standard error, the hook logs.
 */
function main(): void {
  forbidCoreDumps();
  const { values } = parseArgs({
    options: { 'control-fd': { type: 'string' }, 'settings-fd': { type: 'string' } },
  });
  const control = descriptor('control-fd', values['control-fd']);
  const policy = readHandedPolicy(descriptor('settings-fd', values['settings-fd']));
  // A refused packet is an error object; nobody reads where it was made.
  Error.stackTraceLimit = 4;
  new Session(control, {
    policy: () => policy,
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
