// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { kemById, kems } from '../../../src/crypto';
import {
  EncryptionKeyRing,
  type EncryptionKeySettings,
  EncryptionKeySet,
  type KeyScope,
} from '../../../src/engine/encryption-keys';
import { recipientTag } from '../../../src/protocol';

const x25519 = kemById(0x0020);
const p256 = kemById(0x0010);
const scope: KeyScope = { certificate: Buffer.alloc(32, 1), audience: 'clients' };
const otherScope: KeyScope = { certificate: Buffer.alloc(32, 2), audience: 'clients' };
const relayScope: KeyScope = { certificate: Buffer.alloc(32, 1), audience: 'relay-agents' };

const start = 1_800_000_000_000;
const day = 86_400_000;

/** A ring with a clock that stands, from `start` on. */
function ringWith(settings: Partial<EncryptionKeySettings> = {}) {
  const time = { now: start };
  const ring = new EncryptionKeyRing(
    { kems: [x25519], lifetime: 86_400, scopes: [scope], ...settings },
    () => time.now,
    randomBytes,
  );
  const turnAt = (now: number) => {
    time.now = now;
    return ring.turn();
  };
  return { ring, time, turnAt };
}

describe('docs/protocol.md 4.4: a new key every half of the lifetime', () => {
  test('one for each scope and KEM at first', () => {
    const scopes = [scope, otherScope, relayScope];
    const { ring, turnAt } = ringWith({ kems, scopes });
    const { made, erased } = turnAt(start);
    expect(made).toHaveLength(3 * kems.length);
    expect(erased).toEqual([]);
    expect(new Set(made.map(({ tag }) => tag.toString('hex'))).size).toBe(made.length);
    for (const each of scopes) {
      for (const kem of kems) {
        const told = ring.keys.told(each, kem.kemId, start)!;
        expect(told.lifetime).toBe(86_400);
        const tag = recipientTag(kem.kemId, told.publicKey.octets);
        expect(ring.keys.find(tag, start)?.scope).toEqual(each);
      }
    }
    expect(ring.turn()).toEqual({ made: [], erased: [] });
  });

  test('the next half a lifetime later, and not a millisecond before', () => {
    const { ring, turnAt } = ringWith();
    const first = turnAt(start).made[0]!;
    expect(ring.turnsAt).toBe(start + day / 2);
    expect(turnAt(start + day / 2 - 1).made).toEqual([]);
    const second = turnAt(start + day / 2).made[0]!;
    expect(ring.keys.find(second.tag, start + day / 2)).toBe(second);
    expect(ring.keys.find(first.tag, start + day / 2)).toBe(first);
  });

  test('is told a second after its making, when every worker has it, with the lifetime that it still has', () => {
    const { ring, turnAt } = ringWith();
    const first = turnAt(start).made[0]!;
    const { tag, privateKey } = turnAt(start + day / 2).made[0]!;
    expect(ring.keys.told(scope, 0x0020, start + day / 2 + 999)).toEqual({
      publicKey: first.privateKey.public,
      tag: first.tag,
      lifetime: 43_199,
    });
    expect(ring.keys.told(scope, 0x0020, start + day / 2 + 1000)).toEqual({
      publicKey: privateKey.public,
      tag,
      lifetime: 86_399,
    });
  });

  test('each decrypts until its end, and is erased then', () => {
    const { ring, turnAt } = ringWith();
    const first = turnAt(start).made[0]!;
    turnAt(start + day / 2);
    const { enc, sharedSecret } = first.privateKey.public.encap();
    expect(turnAt(start + day - 1)).toEqual({ made: [], erased: [] });
    expect(ring.keys.find(first.tag, start + day - 1)?.privateKey.decap(enc)).toEqual(sharedSecret);
    // Before the ring turns, too.
    expect(ring.keys.find(first.tag, start + day)).toBeUndefined();
    const { made, erased } = turnAt(start + day);
    expect(erased).toEqual([first]);
    expect(made).toHaveLength(1);
    expect(() => first.privateKey.decap(enc)).toThrow(expect.objectContaining({ code: 'key-erased' }));
    expect(ring.keys.keys).toHaveLength(2);
  });

  test('over a week no key is told for less than half a lifetime, and two are kept', () => {
    const { ring, time } = ringWith({ kems: [x25519, p256], lifetime: 3600 });
    const until = start + 7 * day;
    let made = 0;
    for (time.now = start; time.now < until; time.now = ring.turnsAt) {
      made += ring.turn().made.length;
      for (const kemId of [0x0020, 0x0010]) {
        expect(ring.keys.told(scope, kemId, time.now)!.lifetime).toBeGreaterThanOrEqual(1800);
      }
      expect(ring.keys.keys.length).toBeLessThanOrEqual(4);
      expect(ring.turnsAt).toBeGreaterThan(time.now);
    }
    expect(made).toBe(2 * 7 * 48);
  });

  test('after a long sleep there is one new key', () => {
    const { ring, turnAt } = ringWith();
    const first = turnAt(start).made;
    const { made, erased } = turnAt(start + 30 * day);
    expect(erased).toEqual(first);
    expect(made).toHaveLength(1);
    expect(ring.keys.keys).toEqual(made);
  });

  test('a lifetime is told in whole seconds, never more than there is', () => {
    const { ring, turnAt } = ringWith();
    turnAt(start);
    expect(ring.keys.told(scope, 0x0020, start + 1)?.lifetime).toBe(86_399);
    expect(ring.keys.told(scope, 0x0020, start + day - 1)?.lifetime).toBe(0);
    expect(ring.keys.told(scope, 0x0020, start + day)).toBeUndefined();
    expect(ring.keys.told(otherScope, 0x0020, start)).toBeUndefined();
    expect(ring.keys.told(scope, 0x0010, start)).toBeUndefined();
  });
});

describe('other settings', () => {
  test('a certificate that is replaced: its keys go on until they end, and no new one is made', () => {
    const { ring, turnAt } = ringWith();
    const old = turnAt(start).made[0]!;
    ring.configure({ kems: [x25519], lifetime: 86_400, scopes: [otherScope] });
    expect(turnAt(start + 1).made.map((key) => key.scope)).toEqual([otherScope]);
    expect(turnAt(start + day - 1).made.map((key) => key.scope)).toEqual([otherScope]);
    expect(ring.keys.find(old.tag, start + day - 1)).toBe(old);
    expect(turnAt(start + day).erased).toEqual([old]);
  });

  test.each([
    ['shorter: half of the new one after its making', 3600, 1800_000],
    ['longer: half of its own', 864_000, day / 2],
  ])('a lifetime that is %s', (_what, lifetime, due) => {
    const { ring, turnAt } = ringWith();
    const old = turnAt(start).made[0]!;
    ring.configure({ kems: [x25519], lifetime, scopes: [scope] });
    expect(ring.turnsAt).toBe(start + due);
    expect(turnAt(start + due - 1).made).toEqual([]);
    expect(turnAt(start + due).made).toHaveLength(1);
    // What was told stays true.
    expect(ring.keys.find(old.tag, start + day - 1)).toBe(old);
  });

  test('a KEM that is added is there at once', () => {
    const { ring, turnAt } = ringWith();
    turnAt(start);
    ring.configure({ kems, lifetime: 86_400, scopes: [scope] });
    expect(ring.turnsAt).toBe(start);
    expect(turnAt(start).made).toHaveLength(kems.length - 1);
  });

  test('without scopes and keys nothing is ever due', () => {
    expect(ringWith({ scopes: [] }).ring.turnsAt).toBe(Infinity);
  });
});

describe('a clock that was set back', () => {
  test.each([
    ['by less than half a lifetime: the key goes on', day / 2, false],
    ['by more: it is erased, and there is a new one', day / 2 + 1, true],
  ])('%s', (_what, back, isErased) => {
    const { ring, turnAt } = ringWith();
    const old = turnAt(start).made[0]!;
    expect(ring.keys.find(old.tag, start - back)).toBe(isErased ? undefined : old);
    const { made, erased } = turnAt(start - back);
    expect(erased).toEqual(isErased ? [old] : []);
    expect(made).toHaveLength(isErased ? 1 : 0);
    expect(ring.keys.told(scope, 0x0020, start - back)).toBeDefined();
  });
});

describe('what is written for other workers and for the next start', () => {
  const { ring, turnAt } = ringWith({ kems, scopes: [scope, relayScope] });
  turnAt(start);
  turnAt(start + day / 2);
  const octets = ring.keys.serialize();

  test('gives the same keys', () => {
    const set = new EncryptionKeySet();
    expect(set.load(octets)).toEqual([]);
    expect(set.keys).toHaveLength(4 * kems.length);
    for (const key of ring.keys.keys) {
      const loaded = set.find(key.tag, start + day / 2)!;
      expect([loaded.scope, loaded.madeAt, loaded.endsAt]).toEqual([key.scope, key.madeAt, key.endsAt]);
      const { enc, sharedSecret } = key.privateKey.public.encap();
      expect(loaded.privateKey.decap(enc)).toEqual(sharedSecret);
    }
    expect(set.told(scope, 0x0020, start + day)).toEqual(expect.objectContaining({ lifetime: 43_200 }));
    expect(set.serialize()).toEqual(octets);
  });

  test('keys that stay are the same objects, those that are gone are erased', () => {
    const { ring: maker, turnAt: turn } = ringWith();
    const set = new EncryptionKeySet();
    turn(start);
    set.load(maker.keys.serialize());
    const first = set.keys[0]!;
    turn(start + day / 2);
    expect(set.load(maker.keys.serialize())).toEqual([]);
    expect(set.keys[0]).toBe(first);
    const second = set.keys[1]!;
    turn(start + day);
    expect(set.load(maker.keys.serialize())).toEqual([first]);
    expect(() => first.privateKey.serialize()).toThrow(expect.objectContaining({ code: 'key-erased' }));
    expect(set.keys[0]).toBe(second);
    expect(set.erase()).toHaveLength(2);
    expect(set.keys).toEqual([]);
  });

  test('a ring that takes it over makes no key before one is due', () => {
    const { ring: next, turnAt: turn } = ringWith({ kems, scopes: [scope, relayScope] });
    next.keys.load(octets);
    expect(turn(start + day - 1).made).toEqual([]);
    expect(turn(start + day).erased).toHaveLength(2 * kems.length);
  });

  test('each truncation, and other octets, are refused whole', () => {
    const small = ringWith();
    small.turnAt(start);
    const whole = small.ring.keys.serialize();
    const set = new EncryptionKeySet();
    set.load(octets);
    const before = set.keys;
    for (let length = 2; length < whole.length; length += 1) {
      expect(() => set.load(whole.subarray(0, length))).toThrow('encryption key');
    }
    for (const at of [0, 33, 34, 35]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x55;
      expect(() => set.load(changed)).toThrow();
    }
    expect(() => set.load(Buffer.alloc(0))).toThrow('not encryption keys');
    expect(set.keys).toEqual(before);
    expect(before[0]!.privateKey.serialize()).toHaveLength(32);
  });

  test('no keys are some, too', () => {
    const set = new EncryptionKeySet();
    expect(set.load(new EncryptionKeySet().serialize())).toEqual([]);
    expect(set.keys).toEqual([]);
  });
});
