// SPDX-License-Identifier: MPL-2.0

const INTERVAL = 20;

/** Milliseconds: enough for a machine that is slow, and stands still for a while. */
const PATIENCE = 120_000;

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Asks `probe` again and again until it gives a value other than undefined or false.
 *
 * @param what - ends up in the error: "timed out waiting for …"; a function is asked when the time is up.
 * @param timeout - milliseconds; generous, as it is reached only where something is broken.
 */
export async function until<T>(
  what: string | (() => string),
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeout = PATIENCE,
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `timed out after ${timeout} ms waiting for ${typeof what === 'string' ? what : what()}`,
      );
    }
    await pause(INTERVAL);
  }
}
