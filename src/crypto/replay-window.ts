// SPDX-License-Identifier: MPL-2.0

const size = 64;
const MAX_SEQUENCE = 0xffffffff;

/**
 * The sliding window of docs/protocol.md 4.1: each of the 64 sequence numbers up to the highest one seen is
 * accepted once, everything before them never. `check` asks; `mark` is for after the AEAD tag has verified.
 */
export class ReplayWindow {
  /** The highest sequence number marked, -1 before the first. */
  private highest = -1;

  /** Bit n: whether `highest - n` has been marked. */
  private seen = 0n;

  check(sequence: number): boolean {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > MAX_SEQUENCE) {
      return false;
    }
    const age = this.highest - sequence;
    return age < 0 || (age < size && ((this.seen >> BigInt(age)) & 1n) === 0n);
  }

  /** Does nothing for a sequence number that `check` refuses. */
  mark(sequence: number): void {
    if (!this.check(sequence)) {
      return;
    }
    const age = this.highest - sequence;
    if (age >= 0) {
      this.seen |= 1n << BigInt(age);
      return;
    }
    const shift = -age;
    this.seen = shift >= size ? 1n : BigInt.asUintN(size, (this.seen << BigInt(shift)) | 1n);
    this.highest = sequence;
  }
}
