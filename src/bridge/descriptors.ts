// SPDX-License-Identifier: MPL-2.0

import { native } from './native';

/**
 * Closes a descriptor that came over a channel or from a listener. In a worker thread node:fs warns about those, since
 * it keeps a list of the descriptors that it has opened itself.
 */
export function closeDescriptor(fd: number): void {
  native.closeDescriptor(fd);
}

/**
 * Takes an open file or directory for its own, as flock(2) does: until the descriptor is closed, however the process
 * ends. Another descriptor of the same process is another owner.
 * @returns false if somebody else has it
 * @throws Error of the system
 */
export function lockDescriptor(fd: number): boolean {
  return native.lockDescriptor(fd);
}
