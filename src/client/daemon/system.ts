// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { systemEnvironment } from '../exchange/system-environment';
import type { DaemonEnvironment } from './options';

/** This machine's clocks; the first number of /proc/uptime counts on while the machine sleeps. */
export const systemDaemonEnvironment: DaemonEnvironment = {
  ...systemEnvironment,
  boottime: () => Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]) * 1000,
};
