// SPDX-License-Identifier: MPL-2.0

/**
 * Imported first by what is started as a process: SIGUSR1 then does nothing unless another listener is added, and never
 * ends the process. Node.js opens its inspector at that signal until there is a listener, so a process is also started
 * with an inspector port that cannot be bound: `--inspect-port=[ff02::1]:0`.
 */
if (process.listenerCount('SIGUSR1') === 0) {
  process.on('SIGUSR1', () => undefined);
}
