// SPDX-License-Identifier: MPL-2.0

/** The counts of a load run. */
export interface LoadCounts {
  /** Exchanges that began. */
  started: number;
  /** Exchanges that were served to their end. */
  done: number;
  /** Exchanges that failed. */
  failed: number;
  /** Messages that nothing answered in time. */
  drops: number;
  /** Messages sent again after that. */
  retransmissions: number;
}

export function newCounts(): LoadCounts {
  return { started: 0, done: 0, failed: 0, drops: 0, retransmissions: 0 };
}
