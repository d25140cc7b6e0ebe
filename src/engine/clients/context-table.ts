// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { BoundedMap } from '../../support';
import type { QueryContext } from './query-context';

/** A client needs one context, and another while it retransmits; more of one key push out its own oldest. */
const MAX_PER_KEY = 16;

/** Octets of a digest by which a closed context is known again. */
const digestLength = 16;

/**
 * The open contexts of one worker, by enc and by handle: bounded in all and per client key, the least
 * recently used out first. A client whose context went opens a new one: a closed one is not opened again, since nobody
 * knows any more which of its sequence numbers were there (docs/protocol.md 4.1).
 */
export class ContextTable {
  private readonly byEnc: BoundedMap<string, QueryContext>;
  private readonly byHandle = new Map<number, QueryContext>();
  private readonly byKey = new Map<string, QueryContext[]>();
  /** Digests of enc, the latest closed last. */
  private readonly closed: BoundedMap<string, true>;

  /** @param max contexts, and closed ones that are remembered */
  constructor(max: number) {
    this.byEnc = new BoundedMap(max, (context) => {
      this.close(context);
    });
    this.closed = new BoundedMap(max);
  }

  get size(): number {
    return this.byEnc.size;
  }

  findByEnc(enc: Buffer): QueryContext | undefined {
    return this.byEnc.get(enc.toString('latin1'));
  }

  /** Whether a context of this enc was open, and is no longer. */
  wasClosed(enc: Buffer): boolean {
    return this.closed.size > 0 && this.closed.has(digestOf(enc));
  }

  findByHandle(handle: number): QueryContext | undefined {
    return this.byHandle.get(handle);
  }

  /** Marks a context as used last. */
  touch(context: QueryContext): void {
    this.byEnc.use(context.enc.toString('latin1'));
  }

  add(context: QueryContext): void {
    const owner = context.client.keyId.toString('latin1');
    const siblings = this.byKey.get(owner) ?? [];
    const oldestSibling = siblings[0];
    if (oldestSibling !== undefined && siblings.length >= MAX_PER_KEY) {
      this.remove(oldestSibling);
    }
    this.byEnc.set(context.enc.toString('latin1'), context);
    this.byHandle.set(context.handle, context);
    this.byKey.set(owner, [...(this.byKey.get(owner) ?? []), context]);
  }

  /** Forgets every context of a client's key. @returns how many there were */
  removeKey(keyId: Buffer): number {
    const contexts = this.byKey.get(keyId.toString('latin1')) ?? [];
    for (const context of contexts) {
      this.remove(context);
    }
    return contexts.length;
  }

  removeWhere(predicate: (context: QueryContext) => boolean): void {
    for (const context of [...this.byEnc.values()].filter(predicate)) {
      this.remove(context);
    }
  }

  private remove(context: QueryContext): void {
    this.byEnc.delete(context.enc.toString('latin1'));
    this.close(context);
  }

  private close(context: QueryContext): void {
    this.byHandle.delete(context.handle);
    context.wipe();
    this.closed.set(digestOf(context.enc), true);
    const owner = context.client.keyId.toString('latin1');
    const siblings = (this.byKey.get(owner) ?? []).filter((sibling) => sibling !== context);
    if (siblings.length > 0) {
      this.byKey.set(owner, siblings);
    } else {
      this.byKey.delete(owner);
    }
  }
}

function digestOf(enc: Buffer): string {
  return createHash('sha256').update(enc).digest().toString('latin1', 0, digestLength);
}
