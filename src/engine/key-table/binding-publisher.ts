// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import { setImmediate } from 'node:timers/promises';
import type { KeyTable } from '.';

/** Bound DUIDs that are read, and sent, at a time. */
const MAX_PAGE = 1000;

/** The hook's set of bound DUIDs, as its connection changes it. */
export interface BoundSet {
  /** Frames that wait for the hook to read. */
  readonly waiting: number;
  bound(operation: 'clear' | 'add' | 'remove', duid?: Uint8Array): boolean;
}

/**
 * Publishes to the hook which DUIDs are bound (docs/protocol.md 8). What is published is read from the key table at that
 * moment: what several workers say of one DUID may come in another order than it happened, and the last of them finds
 * what is true.
 */
export class BindingPublisher {
  constructor(
    private readonly table: Pick<KeyTable, 'isBound' | 'boundDuids'>,
    private readonly set: BoundSet,
    private readonly log: (severity: 3, text: string) => void,
  ) {}

  /** A DUID's binding has begun or ended. One that cannot be looked up counts as bound: cleartext can wait. */
  publish(duid: Buffer): void {
    let isBound = true;
    try {
      isBound = this.table.isBound(duid);
    } catch (error) {
      this.log(3, `A binding cannot be looked up: ${errorText(error)}`);
    }
    this.set.bound(isBound ? 'add' : 'remove', duid);
  }

  /**
   * Publishes every bound DUID, page by page, as fast as the hook reads: a million at once would be more than may wait.
   * Each page is read when it is sent, so that what is unbound in between is published after it.
   * @param isOver whether the hook is gone
   * @throws KeyTableError
   */
  async publishAll(isOver: () => boolean): Promise<void> {
    this.set.bound('clear');
    let duids: readonly Buffer[] = [];
    do {
      duids = this.table.boundDuids(MAX_PAGE, duids.at(-1));
      for (const duid of duids) {
        this.set.bound('add', duid);
      }
      while (this.set.waiting > 0 && !isOver()) {
        await setImmediate();
      }
    } while (duids.length === MAX_PAGE && !isOver());
  }
}
