// SPDX-License-Identifier: MPL-2.0

import { lstatSync, rmSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Removes a socket that nobody listens at any more, which would be in the way of the next engine. Only a refused
 * connection tells that: where it fails otherwise somebody may listen, who is busy or whom this process may not reach.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) {
    return;
  }
  const isRefused = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED');
    });
  });
  if (isRefused) {
    rmSync(path, { force: true });
  }
}
