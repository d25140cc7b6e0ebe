// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import {
  ProtocolTime,
  readLeaseFile,
  systemDaemonEnvironment,
  TimestampFile,
  timestampPath,
  TimestampSource,
} from '../../client';
import { certificateBegin } from './signer';
import type { ClientOptions } from './options';
import { warn } from '../print';

/** A clock with a time before this program was made is wrong. */
const EARLIEST = Date.UTC(2026, 0, 1);

/**
 * The time that the protocol goes by: this machine's, or with `--no-clock` that of servers, which is not before this
 * program, the own certificate or the kept lease (docs/protocol.md 6).
 * @throws PkiError, ClientError `lease-file`
 */
export function protocolTime({ clock, leaseFile, certificate }: ClientOptions): ProtocolTime {
  const now = (): number => systemDaemonEnvironment.now();
  if (clock) {
    if (now() < EARLIEST) {
      const text = new Date(now()).toISOString();
      warn(
        `this system's clock says ${text}, which is before this program was made: servers refuse it; set the clock, or ` +
          'let servers tell the time with --no-clock',
      );
    }
    return new ProtocolTime(now);
  }
  const lease = leaseFile !== undefined && existsSync(leaseFile) ? readLeaseFile(leaseFile) : undefined;
  const newestKnown = Math.max(
    EARLIEST,
    lease?.obtained ?? 0,
    lease?.serverTime ?? 0,
    certificate === undefined ? 0 : certificateBegin(certificate),
  );
  return new ProtocolTime(now, {
    steady: () => systemDaemonEnvironment.boottime(),
    newestKnown,
    notice: warn,
  });
}

/** One series of timestamps for all clients of a process and, if there is a lease file, of later processes. */
export function timestampSource(
  { leaseFile, clock }: Pick<ClientOptions, 'leaseFile' | 'clock'>,
  time: ProtocolTime,
): TimestampSource {
  const steady = (): number => systemDaemonEnvironment.boottime();
  const memory = leaseFile === undefined ? undefined : new TimestampFile(timestampPath(leaseFile), warn);
  // A machine without a clock begins in the past each time.
  const notice = clock ? warn : (): void => undefined;
  return new TimestampSource(() => time.now(), { steady, memory, notice });
}
