// SPDX-License-Identifier: MPL-2.0

/**
 * A copy for something that stays. Buffer.from cuts small copies from slabs of 8 KiB, and all of a slab stays in memory
 * as long as any part of it does.
 */
export function lastingCopy(octets: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(octets.length);
  octets.copy(copy);
  return copy;
}
