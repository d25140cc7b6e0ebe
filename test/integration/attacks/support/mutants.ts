// SPDX-License-Identifier: MPL-2.0

/** msg-type and transaction-id. */
export const HEADER = 4;

/**
 * Every way to cut it short, and each octet but the type changed by each mask. What is too short for a header is
 * Kea's.
 */
export function mutants(message: Buffer, masks: readonly number[] = [1, 0x80, 0xff]): Buffer[] {
  const cut = Array.from({ length: message.length - HEADER }, (_, more) =>
    message.subarray(0, HEADER + more),
  );
  const changed = masks.flatMap((mask) =>
    Array.from({ length: message.length - 1 }, (_, before) => {
      const mutant = Buffer.from(message);
      mutant.writeUInt8(mutant.readUInt8(before + 1) ^ mask, before + 1);
      return mutant;
    }),
  );
  return [...cut, ...changed, Buffer.concat([message, Buffer.alloc(1)])];
}
