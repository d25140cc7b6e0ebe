// SPDX-License-Identifier: MPL-2.0

import type { Blocklist } from '../admission/blocklist';
import type { ContextTable } from '../clients/context-table';
import type { PacketMetrics } from '../metrics/packet-metrics';
import type { WorkerAnswer, WorkerQuestion } from './worker-protocol';

/** Answers what a session asks one of its workers for a control command. */
export class WorkerAdministration {
  constructor(
    private readonly contexts: ContextTable,
    private readonly blocklist: Blocklist,
    private readonly metrics: PacketMetrics,
    private readonly now: () => number,
  ) {}

  answer(question: WorkerQuestion): WorkerAnswer {
    const nothing = { contexts: 0, blocked: 0, sources: [] };
    switch (question.topic) {
      case 'counts':
        return { ...nothing, ...this.counts() };
      case 'metrics':
        return { ...nothing, ...this.counts(), packets: this.metrics.counts };
      case 'forget':
        return { ...nothing, contexts: this.contexts.removeKey(Buffer.from(question.keyId)) };
      case 'blocked': {
        const { after, limit } = question;
        const sources = this.blocklist.blocked(this.now());
        const rest = after === undefined ? sources : sources.filter(({ source }) => source > after);
        return { ...nothing, sources: rest.slice(0, limit) };
      }
      case 'unblock':
        return { ...nothing, blocked: this.blocklist.clear(this.now(), question.source) };
    }
  }

  private counts(): Pick<WorkerAnswer, 'contexts' | 'blocked'> {
    return { contexts: this.contexts.size, blocked: this.blocklist.count(this.now()) };
  }
}
