// SPDX-License-Identifier: MPL-2.0

interface Entry<Event> {
  readonly event: Event;
  readonly handled: () => void;
}

/** Events for one reader, in order. A writer may wait until the reader has dealt with one and asks for the next. */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  private readonly waiting: Entry<Event>[] = [];
  private current: Entry<Event> | undefined;
  private wake: (() => void) | undefined;
  private isClosed = false;
  private failure: { readonly error: unknown } | undefined;

  /** Resolves when the reader has asked for what comes after the event, or has gone. */
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

  /** The reader gets what is there, then the end, or the error. */
  end(failure?: { readonly error: unknown }): void {
    this.isClosed = true;
    this.failure = failure;
    this.wake?.();
  }

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
