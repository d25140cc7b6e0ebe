// SPDX-License-Identifier: MPL-2.0

/** What the action throws; it fails the test to throw nothing. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
