// SPDX-License-Identifier: MPL-2.0

import { systemDaemonEnvironment, TimestampFile, timestampPath, TimestampSource } from '../../client';
import type { ClientOptions } from './options';
import { warn } from '../print';

/** A clock with a time before this program was made is wrong. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** One series of timestamps for all clients of a process and, if there is a lease file, of later processes. */
export function timestampSource({ leaseFile }: Pick<ClientOptions, 'leaseFile'>): TimestampSource {
  const now = (): number => systemDaemonEnvironment.now();
  const steady = (): number => systemDaemonEnvironment.boottime();
  if (now() < EARLIEST) {
    const text = new Date(now()).toISOString();
    warn(
      `this system's clock says ${text}, which is before this program was made: servers refuse it, set the clock`,
    );
  }
  const memory = leaseFile === undefined ? undefined : new TimestampFile(timestampPath(leaseFile), warn);
  return new TimestampSource(now, { steady, memory, notice: warn });
}
