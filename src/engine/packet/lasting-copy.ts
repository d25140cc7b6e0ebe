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

/**
 * Makes lasting copies that stay together, in one piece of memory: a Buffer with memory of its own is some 200 octets
 * beside it, a view of what is there already half of that.
 * @param length octets of all copies
 */
export function lastingCopies(length: number): (octets: Buffer) => Buffer {
  const memory = Buffer.allocUnsafeSlow(length);
  let end = 0;
  return (octets) => {
    const begin = end;
    end += octets.copy(memory, begin);
    return memory.subarray(begin, end);
  };
}
