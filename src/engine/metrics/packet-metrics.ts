// SPDX-License-Identifier: MPL-2.0

import { dropReasons, reasonCode } from '../packet/drop-reasons';
import { messageKinds } from '../packet/datagram';
import type { Sealed, Verdict } from '../packet/verdict';
import { addHistograms, Histogram, type HistogramCounts } from './histogram';

/** What a worker's time goes to: messages, and Kea's answers. */
export const packetKinds = [...messageKinds, 'answer'] as const;

export type PacketKind = (typeof packetKinds)[number];

/** What became of a message; an answer of Kea's is sealed or dropped. */
export const packetFates = ['replace', 'reply', 'drop'] as const;

/** What one worker, or all of them, have counted since they started. */
export interface PacketCounts {
  /** For each kind, in their order: the time from the question to the answer. */
  readonly latencies: readonly HistogramCounts[];
  /** For each fate, in their order; answers that were sealed are `sealed`. */
  readonly verdicts: readonly number[];
  readonly sealed: number;
  /** For each of the engine's reasons, in their order: drops, and failures that were reported. */
  readonly reasons: readonly number[];
}

/** Counts one worker's packets: an array's element or two and two readings of a clock for each. */
export class PacketMetrics {
  private readonly latencies = packetKinds.map(() => new Histogram());
  private readonly verdicts = packetFates.map(() => 0);
  private readonly reasons = dropReasons.map(() => 0);
  private sealed = 0;

  /** @param clock milliseconds of a clock that is never set */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** When a packet came in, for what is counted when it is done. */
  begin(): number {
    return this.clock();
  }

  /** A packet is done: counts its time, its fate, and the reason of its drop or of the failure that was reported. */
  count(kind: PacketKind, began: number, result: Verdict | Sealed): void {
    this.latencies[packetKinds.indexOf(kind)]?.observe((this.clock() - began) / 1000);
    if (kind !== 'answer') {
      const fate = packetFates.indexOf(result.action);
      this.verdicts[fate] = (this.verdicts[fate] ?? 0) + 1;
    } else if (result.action === 'replace') {
      this.sealed += 1;
    }
    if (result.action !== 'replace' && result.reason !== undefined) {
      const reason = reasonCode(result.reason);
      this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    }
  }

  get counts(): PacketCounts {
    return {
      latencies: this.latencies.map((histogram) => histogram.counts),
      verdicts: [...this.verdicts],
      sealed: this.sealed,
      reasons: [...this.reasons],
    };
  }
}

export function addCounts(counts: readonly PacketCounts[]): PacketCounts {
  const sum = (of: (one: PacketCounts) => number): number =>
    counts.reduce((total, one) => total + of(one), 0);
  return {
    latencies: packetKinds.map((_, at) => addHistograms(counts.flatMap((one) => one.latencies[at] ?? []))),
    verdicts: packetFates.map((_, at) => sum((one) => one.verdicts[at] ?? 0)),
    sealed: sum((one) => one.sealed),
    reasons: dropReasons.map((_, at) => sum((one) => one.reasons[at] ?? 0)),
  };
}
