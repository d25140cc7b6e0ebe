// SPDX-License-Identifier: MPL-2.0

import { TokenBucket } from '../../src/support';

const START = 1_700_000_000_000;

describe('TokenBucket', () => {
  it('starts full', () => {
    expect(new TokenBucket({ burst: 5, perSecond: 1 }, START).level(START)).toBe(5);
  });

  it('is filled with time, and not above its burst', () => {
    const bucket = new TokenBucket({ burst: 5, perSecond: 2 }, START);
    bucket.take(5);
    expect(bucket.level(START + 1000)).toBe(2);
    expect(bucket.level(START + 1500)).toBe(3);
    expect(bucket.level(START + 60_000)).toBe(5);
  });

  it('may be in debt, which time pays', () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, START);
    bucket.take(3);
    expect(bucket.level(START + 1000)).toBe(-1);
    expect(bucket.level(START + 3000)).toBe(1);
  });

  it('takes back, and not above its burst', () => {
    const bucket = new TokenBucket({ burst: 2, perSecond: 0 }, START);
    bucket.take(1);
    bucket.giveBack(5);
    expect(bucket.level(START)).toBe(2);
  });

  it('is filled by no clock that is set back, and is filled again after it', () => {
    const bucket = new TokenBucket({ burst: 5, perSecond: 1 }, START);
    bucket.take(5);
    expect(bucket.level(START - 3_600_000)).toBe(0);
    expect(bucket.level(START - 3_599_000)).toBe(1);
  });
});
