// SPDX-License-Identifier: MPL-2.0

import { createHmac, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { CookieKeys, type CookieSource } from '../../src/protocol';

const address = (last: number): Buffer =>
  Buffer.concat([Buffer.from('fe80', 'hex'), Buffer.alloc(13), Buffer.of(last)]);
const source: CookieSource = {
  link: Buffer.from('20010db8000000000000000000000001', 'hex'),
  peerAddress: address(1),
  datagramAddress: address(2),
};
const start = 1_800_000_000;
const hour = 3600;

/** Keys of 32 octets that are told apart by their value: 1, 2, 3 … */
function counted(): { readonly random: (length: number) => Buffer; readonly given: Buffer[] } {
  const given: Buffer[] = [];
  return {
    given,
    random: (length) => {
      given.push(Buffer.alloc(length, given.length + 1));
      return given.at(-1)!;
    },
  };
}

/** Keys as they are after `hours` changes, each at the full hour. */
function after(hours: number, random = counted().random): CookieKeys {
  const keys = CookieKeys.fresh(start, random);
  for (let count = 1; count <= hours; count += 1) {
    expect(keys.advance(start + count * hour, random)).toBe(true);
  }
  return keys;
}

describe('docs/protocol.md 7: the recommended Cookie', () => {
  test('generation, time, and the first 16 octets of the HMAC, octet by octet', () => {
    const cookie = after(1).make(start + hour + 5.9, source);
    const head = Buffer.from('016b49e015', 'hex');
    head.writeUInt32BE(start + hour + 5, 1);
    const hmac = createHmac('sha256', Buffer.alloc(32, 2))
      .update(Buffer.concat([head, source.link, source.peerAddress, source.datagramAddress]))
      .digest();
    expect(cookie).toEqual(Buffer.concat([head, hmac.subarray(0, 16)]));
  });

  test('is good at its source, and at no other', () => {
    const keys = after(0);
    const cookie = keys.make(start, source);
    expect(keys.verify(cookie, start, source)).toBe(true);
    const others: readonly Partial<CookieSource>[] = [
      { link: Buffer.from('20010db8000000000000000000000002', 'hex') },
      { link: source.link.subarray(1) },
      { link: Buffer.alloc(0) },
      { peerAddress: address(2) },
      { datagramAddress: address(1) },
      { peerAddress: address(2), datagramAddress: address(1) },
    ];
    for (const other of others) {
      expect(keys.verify(cookie, start, { ...source, ...other })).toBe(false);
    }
  });

  test('no bit of it can be changed', () => {
    const keys = after(1);
    const cookie = keys.make(start + hour, source);
    for (let bit = 0; bit < cookie.length * 8; bit += 1) {
      const changed = Buffer.from(cookie);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(keys.verify(changed, start + hour, source)).toBe(false);
    }
  });

  test('what has not 21 octets is none', () => {
    const keys = after(0);
    const cookie = keys.make(start, source);
    for (const other of [
      Buffer.alloc(0),
      cookie.subarray(1),
      cookie.subarray(0, 20),
      Buffer.alloc(22),
      Buffer.alloc(64),
    ]) {
      expect(keys.verify(other, start, source)).toBe(false);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        expect(keys.verify(Buffer.from(octets), start, source)).toBe(false);
      }),
    );
  });

  test('one of another server is none', () => {
    const cookie = CookieKeys.fresh(start, randomBytes).make(start, source);
    expect(CookieKeys.fresh(start, randomBytes).verify(cookie, start, source)).toBe(false);
  });
});

describe('how long a cookie is good', () => {
  test.each([
    [0, true],
    [7199, true],
    [7199.9, true],
    [7200, false],
    [86_400, false],
    [-1, false],
  ])('%d s after it was made, with the key that made it: %s', (age, isGood) => {
    const keys = after(0);
    const cookie = keys.make(start, source);
    expect(keys.verify(cookie, start + age, source)).toBe(isGood);
  });

  test('the key before still verifies, the one before that does not', () => {
    const { random } = counted();
    const keys = after(0, random);
    const cookie = keys.make(start + hour - 1, source);
    keys.advance(start + hour, random);
    expect(keys.verify(cookie, start + hour, source)).toBe(true);
    expect(keys.verify(cookie, start + 2 * hour - 1, source)).toBe(true);
    keys.advance(start + 2 * hour, random);
    expect(keys.verify(cookie, start + 2 * hour, source)).toBe(false);
  });

  test('across the wrap of its seconds in 2106', () => {
    const keys = CookieKeys.fresh(2 ** 32 - 10, counted().random);
    const cookie = keys.make(2 ** 32 - 1, source);
    expect(keys.verify(cookie, 2 ** 32 + 1, source)).toBe(true);
    expect(keys.verify(cookie, 2 ** 32 + 7199, source)).toBe(false);
    expect(keys.verify(keys.make(2 ** 32 + 3, source), 2 ** 32 + 3, source)).toBe(true);
  });
});

describe('a new key each hour', () => {
  test.each([
    [0, false],
    [3599, false],
    [3600, true],
    [50_000, true],
    [-3599, false],
    [-3600, true],
  ])('%d s after the last: %s', (elapsed, isDue) => {
    const { random, given } = counted();
    const keys = after(0, random);
    expect(keys.changesAt).toBe(start + hour);
    expect(keys.advance(start + elapsed, random)).toBe(isDue);
    expect(given).toHaveLength(isDue ? 2 : 1);
    expect(keys.changesAt).toBe(start + hour + (isDue ? elapsed : 0));
  });

  test('what is good no more is overwritten, and nothing else', () => {
    const { random, given } = counted();
    after(3, random);
    expect(given.map((key) => key[0])).toEqual([0, 0, 3, 4]);
  });

  test('generations begin again after 256', () => {
    const keys = after(257);
    const now = start + 257 * hour;
    const cookie = keys.make(now, source);
    expect(cookie[0]).toBe(1);
    expect(keys.verify(cookie, now, source)).toBe(true);
  });
});

describe('all workers share the keys', () => {
  test.each([0, 1, 5])('after %i changes', (hours) => {
    const keys = after(hours);
    const now = start + hours * hour;
    const other = CookieKeys.deserialize(keys.serialize())!;
    expect(other.make(now, source)).toEqual(keys.make(now, source));
    expect(other.verify(keys.make(now, source), now, source)).toBe(true);
    expect(other.changesAt).toBe(keys.changesAt);
    expect(other.serialize()).toEqual(keys.serialize());
  });

  test('the key before, too', () => {
    const { random } = counted();
    const keys = after(0, random);
    const cookie = keys.make(start, source);
    keys.advance(start + hour, random);
    expect(CookieKeys.deserialize(keys.serialize())!.verify(cookie, start + hour, source)).toBe(true);
  });

  test('what was read is a copy', () => {
    const octets = after(1).serialize();
    const keys = CookieKeys.deserialize(octets)!;
    const cookie = keys.make(start, source);
    octets.fill(0);
    expect(keys.make(start, source)).toEqual(cookie);
  });

  test('other octets give none', () => {
    const octets = after(1).serialize();
    for (const length of [0, 1, 40, 42, 81, octets.length - 1]) {
      expect(CookieKeys.deserialize(octets.subarray(0, length))).toBeUndefined();
    }
    expect(CookieKeys.deserialize(Buffer.concat([octets, Buffer.of(0)]))).toBeUndefined();
    expect(CookieKeys.deserialize(Buffer.alloc(41, 0xff))).toBeUndefined();
  });
});
