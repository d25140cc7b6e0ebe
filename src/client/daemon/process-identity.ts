// SPDX-License-Identifier: MPL-2.0

import { readFileSync, readlinkSync } from 'node:fs';

/** A process, told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began: clock ticks since the machine started. */
  readonly startTime: number;
  /** Which start of the machine that was. */
  readonly bootId: string;
  /** The namespace in which `pid` is its number. */
  readonly pidNamespace: string;
}

/** `unknown` if the process is in a PID namespace that is not visible from here. */
export type Liveness = 'running' | 'ended' | 'unknown';

/** proc(5): field 22 of /proc/PID/stat; the first after the program's name is field 3. */
const startTimeAt = 22 - 3;

export function ownProcess(): ProcessIdentity {
  const { pid } = process;
  return { pid, startTime: startTimeOf(pid) ?? 0, bootId: bootId(), pidNamespace: pidNamespace() };
}

export function livenessOf({ pid, startTime, ...place }: ProcessIdentity): Liveness {
  if (place.bootId !== bootId()) {
    return 'ended';
  }
  if (place.pidNamespace !== pidNamespace()) {
    return 'unknown';
  }
  return startTimeOf(pid) === startTime ? 'running' : 'ended';
}

/** Undefined if there is no such process. */
function startTimeOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name may have spaces and parentheses in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[startTimeAt]);
}

/** Which start of the machine this is. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}
