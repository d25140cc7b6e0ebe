// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { BoundedMap } from '../../src/support';

function filled(max: number, ...keys: string[]): BoundedMap<string, number> {
  const map = new BoundedMap<string, number>(max);
  keys.forEach((key, at) => {
    map.set(key, at);
  });
  return map;
}

describe('BoundedMap', () => {
  it('keeps as many entries as it may, and of more the latest', () => {
    expect([...filled(3, 'a', 'b', 'c').keys()]).toEqual(['a', 'b', 'c']);
    expect([...filled(3, 'a', 'b', 'c', 'd').keys()]).toEqual(['b', 'c', 'd']);
  });

  it('evicts nothing for a key that is there', () => {
    const map = filled(2, 'a', 'b');
    map.set('a', 7);
    expect([...map]).toEqual([
      ['b', 1],
      ['a', 7],
    ]);
  });

  it('takes what is used for new, and what is only looked at not', () => {
    const map = filled(2, 'a', 'b');
    expect(map.use('a')).toBe(0);
    expect(map.get('b')).toBe(1);
    expect(map.has('b')).toBe(true);
    map.set('c', 2);
    expect([...map.keys()]).toEqual(['a', 'c']);
  });

  it('finds nothing where there is nothing, and does not make it up', () => {
    const map = filled(2, 'a');
    expect(map.use('z')).toBeUndefined();
    expect(map.get('z')).toBeUndefined();
    expect(map.delete('z')).toBe(false);
    expect(map.size).toBe(1);
  });

  it('reports what it has evicted after the removal, and not what was deleted', () => {
    const evicted: string[] = [];
    const map = new BoundedMap<string, string>(1, (value, key) => {
      evicted.push(`${key}=${value}, ${map.size} left`);
    });
    map.set('a', 'first');
    map.delete('a');
    map.set('b', 'second');
    map.set('c', 'third');
    expect(evicted).toEqual(['b=second, 0 left']);
  });

  it('is empty after clear', () => {
    const map = filled(2, 'a', 'b');
    map.clear();
    expect(map.size).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a bound of %p', (max) => {
    expect(() => new BoundedMap(max)).toThrow(RangeError);
  });

  it('never grows beyond its bound, and always has what was set last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 9 })), (max, keys) => {
        const map = new BoundedMap<number, number>(max);
        for (const key of keys) {
          map.set(key, key);
          expect(map.size).toBeLessThanOrEqual(max);
          expect(map.get(key)).toBe(key);
        }
      }),
    );
  });
});
