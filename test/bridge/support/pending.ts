// SPDX-License-Identifier: MPL-2.0

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Questions that wait for the frame that repeats their id. */
export class Pending<T> {
  private readonly waiting = new Map<number, Waiting<T>>();

  /** @param send sends the question, and says whether it could be sent */
  ask(id: number, send: () => boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!send()) {
        reject(new Error('the channel does not take the frame'));
        return;
      }
      this.waiting.set(id, { resolve, reject });
    });
  }

  /** An answer to a question that nobody asked is passed over, as the hook does. */
  answer(id: number, value: T): void {
    this.waiting.get(id)?.resolve(value);
    this.waiting.delete(id);
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.waiting.values()) {
      reject(error);
    }
    this.waiting.clear();
  }
}
