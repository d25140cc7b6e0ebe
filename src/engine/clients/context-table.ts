// SPDX-License-Identifier: MPL-2.0

import { BoundedMap } from '../../support';
import { ServerContext } from './server-context';

/** docs/protocol.md 4.1: a client needs one context, and another while it retransmits. */
const MAX_PER_KEY = 16;

/** docs/protocol.md 4.1: contexts of one recipient tag and context identifier; none is ended for a fifth. */
const MAX_PER_IDENTIFIER = 4;

/**
 * The open contexts of one worker, by recipient tag and context identifier, and by handle: bounded in all and per client
 * key, the least recently used out first (docs/protocol.md 4.1).
 */
export class ContextTable {
  private readonly byHandle: BoundedMap<number, ServerContext>;
  private readonly byIdentifier: Groups = new Map();
  /** Of each key, the least recently used one first. */
  private readonly byKey: Groups = new Map();

  /** @param max contexts */
  constructor(max: number) {
    this.byHandle = new BoundedMap(max, (context) => {
      this.close(context);
    });
  }

  get size(): number {
    return this.byHandle.size;
  }

  /** Those that a query without enc may be of. */
  find(tag: Buffer, contextIdentifier: Buffer): readonly ServerContext[] {
    return groupOf(this.byIdentifier, nameOf(tag, contextIdentifier));
  }

  findByHandle(handle: number): ServerContext | undefined {
    return this.byHandle.get(handle);
  }

  /** Whether another context of this tag and identifier may be opened. */
  hasRoom(tag: Buffer, contextIdentifier: Buffer): boolean {
    return this.find(tag, contextIdentifier).length < MAX_PER_IDENTIFIER;
  }

  /** Marks a context as used last. */
  touch(context: ServerContext): void {
    this.byHandle.use(context.handle);
    const owner = ownerOf(context);
    const siblings = groupOf(this.byKey, owner);
    if (siblings.at(-1) !== context) {
      setGroup(this.byKey, owner, [...siblings.filter((sibling) => sibling !== context), context]);
    }
  }

  add(context: ServerContext): void {
    const owner = ownerOf(context);
    const siblings = groupOf(this.byKey, owner);
    const [oldest] = siblings;
    if (oldest !== undefined && siblings.length >= MAX_PER_KEY) {
      this.remove(oldest);
    }
    this.byHandle.set(context.handle, context);
    append(this.byIdentifier, nameOfContext(context), context);
    append(this.byKey, owner, context);
  }

  /** A query of a context has its response: after its last one the context ends (docs/protocol.md 4.1). */
  answered(context: ServerContext): void {
    if (context.receiving.isSpent) {
      this.remove(context);
    }
  }

  /** Ends every context of a client's key. @returns how many there were */
  removeKey(keyId: Buffer): number {
    const contexts = groupOf(this.byKey, keyId.toString('latin1'));
    for (const context of contexts) {
      this.remove(context);
    }
    return contexts.length;
  }

  removeWhere(predicate: (context: ServerContext) => boolean): void {
    for (const context of [...this.byHandle.values()].filter(predicate)) {
      this.remove(context);
    }
  }

  private remove(context: ServerContext): void {
    this.byHandle.delete(context.handle);
    this.close(context);
  }

  private close(context: ServerContext): void {
    context.erase();
    without(this.byIdentifier, nameOfContext(context), context);
    without(this.byKey, ownerOf(context), context);
  }
}

/** One that is alone in its group stands for itself: nearly all are, and an array is 60 octets. */
type Groups = Map<string, ServerContext | readonly ServerContext[]>;

function groupOf(groups: Groups, name: string): readonly ServerContext[] {
  const group = groups.get(name) ?? [];
  return group instanceof ServerContext ? [group] : group;
}

function setGroup(groups: Groups, name: string, [first, ...rest]: readonly ServerContext[]): void {
  if (first === undefined) {
    groups.delete(name);
  } else {
    groups.set(name, rest.length === 0 ? first : [first, ...rest]);
  }
}

function nameOf(tag: Buffer, contextIdentifier: Buffer): string {
  return tag.toString('latin1') + contextIdentifier.toString('latin1');
}

function nameOfContext({ recipient, contextIdentifier }: ServerContext): string {
  return nameOf(recipient.tag, contextIdentifier);
}

function ownerOf({ client }: ServerContext): string {
  return client.keyId.toString('latin1');
}

function append(groups: Groups, name: string, context: ServerContext): void {
  setGroup(groups, name, [...groupOf(groups, name), context]);
}

function without(groups: Groups, name: string, context: ServerContext): void {
  setGroup(
    groups,
    name,
    groupOf(groups, name).filter((other) => other !== context),
  );
}
