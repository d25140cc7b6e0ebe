// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import { ReplayWindow } from '../../src/crypto';
import { vectors } from './support/vectors';

const { arrivals } = vectors('protocol/window.json') as { arrivals: [number, boolean][] };

/** What docs/protocol.md 4.1 says, without any thought of memory. */
class ModelWindow {
  private readonly seen = new Set<number>();

  accept(sequence: number): boolean {
    const highest = Math.max(-1, ...this.seen);
    if (this.seen.has(sequence) || highest - sequence >= 64) {
      return false;
    }
    this.seen.add(sequence);
    return true;
  }
}

describe('docs/protocol.md 4.1, window of 64', () => {
  test('the published arrivals', () => {
    expect(arrivals).toHaveLength(26);
    const window = new ReplayWindow();
    const accepted = arrivals.map(([sequence]) => {
      const fresh = window.check(sequence);
      if (fresh) {
        window.mark(sequence);
      }
      return [sequence, fresh];
    });
    expect(accepted).toEqual(arrivals);
  });

  test('any arrivals, as the model has it', () => {
    const near = fc.nat({ max: 300 });
    const anywhere = fc.nat({ max: 0xffffffff });
    const top = fc.integer({ min: 0xffffffff - 200, max: 0xffffffff });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 20, arbitrary: near }, anywhere, top), { maxLength: 200 }),
        (sequences) => {
          const window = new ReplayWindow();
          const model = new ModelWindow();
          for (const sequence of sequences) {
            const fresh = window.check(sequence);
            expect(fresh).toBe(model.accept(sequence));
            window.mark(sequence);
          }
        },
      ),
    );
  });

  test('a check alone moves nothing', () => {
    const window = new ReplayWindow();
    expect([window.check(1000), window.check(0), window.check(1000)]).toEqual([true, true, true]);
  });

  test('marking what the window refuses changes nothing', () => {
    const window = new ReplayWindow();
    window.mark(100);
    window.mark(3);
    window.mark(100);
    window.mark(-1);
    expect([window.check(99), window.check(100), window.check(36), window.check(37)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test.each([-1, 0x100000000, 0.5, Number.NaN, Infinity])('%d is no sequence number', (sequence) => {
    expect(new ReplayWindow().check(sequence)).toBe(false);
  });
});
