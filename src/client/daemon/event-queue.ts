// SPDX-License-Identifier: MPL-2.0

interface Entry<Event> {
  readonly event: Event;
  readonly handled: () => void;
}

/** Events for one reader, in order. A writer can wait until the reader has handled one and requests the next. */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  private readonly waiting: Entry<Event>[] = [];
  private current: Entry<Event> | undefined;
  private wake: (() => void) | undefined;
  private isClosed = false;
  private failure: { readonly error: unknown } | undefined;

  /** Resolves when the reader requests the next event, or has ended. */
  push(event: Event): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) {
        resolve();
        return;
      }
      this.waiting.push({ event, handled: resolve });
      this.wake?.();
    });
  }

  /** The reader gets the events that wait, then the end or the error. */
  end(failure?: { readonly error: unknown }): void {
    this.isClosed = true;
    this.failure = failure;
    this.wake?.();
  }

  /** @throws error that the writer has ended with */
  async next(): Promise<IteratorResult<Event, undefined>> {
    this.current?.handled();
    this.current = undefined;
    for (;;) {
      this.current = this.waiting.shift();
      if (this.current !== undefined) {
        return { done: false, value: this.current.event };
      }
      if (this.isClosed) {
        const { failure } = this;
        this.failure = undefined;
        if (failure !== undefined) {
          throw failure.error;
        }
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.isClosed = true;
    for (const { handled } of [this.current, ...this.waiting.splice(0)].filter(
      (entry) => entry !== undefined,
    )) {
      handled();
    }
    this.current = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
