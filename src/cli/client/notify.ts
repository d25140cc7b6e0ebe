// SPDX-License-Identifier: MPL-2.0

import { runCommand } from '../../client';
import { warn } from './printable';

/** For a unit of Type=notify. */
export async function notifyReady(): Promise<void> {
  const socket = process.env['NOTIFY_SOCKET'];
  if (socket !== undefined) {
    const args = [`NOTIFY_SOCKET=${socket}`, 'systemd-notify', '--ready', `--pid=${process.pid}`];
    await runCommand('env', args).catch((error: unknown) => {
      warn(String(error));
    });
  }
}
