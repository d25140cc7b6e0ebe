// SPDX-License-Identifier: MPL-2.0

import { readdirSync, readFileSync } from 'node:fs';

/**
 * Microseconds of processor time that the threads which the processes have now have used, as the scheduler counts them:
 * in nanoseconds, where /proc/…/stat counts in hundredths of a second.
 */
export function processorTime(pids: readonly number[]): number {
  return pids.flatMap(threadTimes).reduce((sum, time) => sum + time, 0) / 1000;
}

function threadTimes(pid: number): number[] {
  const tasks = `/proc/${String(pid)}/task`;
  return readdirSync(tasks).map((thread) =>
    Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
}
