// SPDX-License-Identifier: MPL-2.0

/**
 * A map with a bound on its size. A new key takes the place of the one that was set or used longest ago, so
 * invented keys cannot fill memory.
 */
export class BoundedMap<Key, Value> {
  private readonly entries = new Map<Key, Value>();

  /**
   * @param max number of entries, at least 1
   * @param evicted is called with what made room, after it has left the map
   * @throws RangeError if `max` is not a positive integer
   */
  constructor(
    private readonly max: number,
    private readonly evicted?: (value: Value, key: Key) => void,
  ) {
    if (!Number.isSafeInteger(max) || max < 1) {
      throw new RangeError(`a bounded map of ${max} entries`);
    }
  }

  get size(): number {
    return this.entries.size;
  }

  /** Leaves the order as it is. */
  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  has(key: Key): boolean {
    return this.entries.has(key);
  }

  /** As `get`, and the key is the last that will make room. */
  use(key: Key): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  /** The key is the last that will make room, whether it is new or not. */
  set(key: Key, value: Value): void {
    this.entries.delete(key);
    if (this.entries.size >= this.max) {
      this.evictOldest();
    }
    this.entries.set(key, value);
  }

  delete(key: Key): boolean {
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  /** From the first that will make room to the last. */
  keys(): MapIterator<Key> {
    return this.entries.keys();
  }

  /** From the first that will make room to the last. */
  values(): MapIterator<Value> {
    return this.entries.values();
  }

  /** From the first that will make room to the last. */
  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries[Symbol.iterator]();
  }

  private evictOldest(): void {
    for (const [key, value] of this.entries) {
      this.entries.delete(key);
      this.evicted?.(value, key);
      return;
    }
  }
}
