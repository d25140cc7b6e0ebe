// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';

/** Linux counts the time of processes in hundredths of a second towards user space (USER_HZ, proc(5)). */
const microsecondsPerTick = 10_000;

/** Processor time that a process, all its threads together, has used so far, in microseconds. */
export interface ProcessTime {
  readonly pid: number;
  readonly name: string;
  readonly user: number;
  readonly system: number;
}

/** @throws Error if there is no such process */
export function processTime(pid: number): ProcessTime {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // The name is in parentheses and may hold any character, these too.
  const end = stat.lastIndexOf(')');
  const name = stat.slice(stat.indexOf('(') + 1, end);
  const fields = stat.slice(end + 2).split(' ');
  const ticks = (field: number): number => Number(fields[field - 3]) * microsecondsPerTick;
  return { pid, name, user: ticks(14), system: ticks(15) };
}

/** What was used between two readings of the same process. */
export function timeBetween(before: ProcessTime, after: ProcessTime): ProcessTime {
  return { ...after, user: after.user - before.user, system: after.system - before.system };
}
