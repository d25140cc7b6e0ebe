// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Testbed } from './testbed';

/** How far the clocks of a process leap at SIGHUP, in seconds. */
const LEAP = 700;

/** Has the clocks of a Node.js process, but not the wall clock, leap at SIGHUP, and every timer with them. */
const PROGRAM = `
const fs = require('node:fs');
const { now } = performance;
const { setTimeout: set, clearTimeout: clear } = globalThis;
const { readFileSync } = fs;
let leapt = 0;
performance.now = () => now.call(performance) + leapt;
process.hrtime.bigint = () => BigInt(Math.round(performance.now() * 1e6));
fs.readFileSync = (path, ...rest) => {
  const text = readFileSync(path, ...rest);
  return path === '/proc/uptime' ? String(Number(text.split(' ')[0]) + leapt / 1000) : text;
};
const timers = new Map();
globalThis.setTimeout = (callback, milliseconds = 0) => {
  const fire = () => { timers.delete(timer); callback(); };
  const timer = set(fire, milliseconds);
  timers.set(timer, { due: performance.now() + milliseconds, fire });
  return timer;
};
globalThis.clearTimeout = (timer) => { timers.delete(timer); clear(timer); };
process.on('SIGHUP', () => {
  leapt += ${LEAP * 1000};
  for (const [timer, { due, fire }] of [...timers]) {
    if (due <= performance.now()) { clear(timer); fire(); }
  }
});
`;

/** The environment of a Node.js process whose clocks leap. */
export async function leapingEnvironment(testbed: Testbed): Promise<NodeJS.ProcessEnv> {
  const file = join(testbed.directory, 'leap.cjs');
  await writeFile(file, PROGRAM);
  return { NODE_OPTIONS: `--require ${file}` };
}
