// SPDX-License-Identifier: MPL-2.0

/*
 * KeyKeeper: rotation, all workers, and the next start. Sections 4.4 and 7 of docs/protocol.md.
 *
 * | rule                                                        | tests in                          |
 * | ----------------------------------------------------------- | --------------------------------- |
 * | a new key every half of the lifetime, erased at its end      | keys in time                      |
 * | a key of cookies every hour                                  | keys in time                      |
 * | all workers share them                                       | keys in time                      |
 * | they survive a restart in a file, or do not                  | keys over a restart               |
 * | keys that were told under another certificate go on          | a certificate that is replaced    |
 */

import { createHash, randomBytes } from 'node:crypto';
import { kemById } from '../../../src/crypto';
import { EncryptionKeySet, KeyKeeper, type KeyMaterial } from '../../../src/engine/encryption-keys';
import type { KeyFile } from '../../../src/engine/encryption-keys/key-file';
import { CookieKeys } from '../../../src/protocol';

const hour = 3600_000;
const start = Date.UTC(2026, 0, 1);
const certificate = createHash('sha256').update('one').digest();
const other = createHash('sha256').update('other').digest();
const x25519 = kemById(0x0020);

/** What a file has of keys; as the real one, it gives each reader octets of its own. */
class FakeFile implements Pick<KeyFile, 'read' | 'write'> {
  saved: { readonly encryptionKeys: Buffer; readonly cookieKeys: Buffer } | undefined;
  problem: string | undefined;
  writes = 0;

  read() {
    return (
      this.saved && {
        encryptionKeys: Buffer.from(this.saved.encryptionKeys),
        cookieKeys: Buffer.from(this.saved.cookieKeys),
      }
    );
  }

  write({ encryptionKeys, cookieKeys }: { encryptionKeys: Buffer; cookieKeys: Buffer }): void {
    if (this.problem !== undefined) {
      throw new Error(this.problem);
    }
    this.writes += 1;
    this.saved = { encryptionKeys: Buffer.from(encryptionKeys), cookieKeys: Buffer.from(cookieKeys) };
  }
}

/** A keeper whose clock goes with Jest's timers, from `start` on and the steps that a test makes. */
function keeping(file = new FakeFile()) {
  const published: KeyMaterial[] = [];
  const logged: string[] = [];
  const clock = { step: 0 };
  const keeper = new KeyKeeper({
    kems: [x25519],
    lifetime: 86_400,
    certificate,
    file,
    random: randomBytes,
    now: () => Date.now() + clock.step,
    publish: (keys) => published.push(keys),
    log: (severity, text) => logged.push(`${severity} ${text}`),
  });
  keepers.push(keeper);
  return { keeper, published, logged, clock, file };
}

const keepers: KeyKeeper[] = [];

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => {
  keepers.splice(0).forEach((keeper) => {
    keeper.close();
  });
  jest.useRealTimers();
});

const setOf = ({ encryptionKeys }: KeyMaterial): EncryptionKeySet => {
  const set = new EncryptionKeySet();
  set.load(Buffer.from(encryptionKeys));
  return set;
};
const tags = (keys: KeyMaterial): string[] => setOf(keys).keys.map(({ tag }) => tag.toString('hex'));

describe('keys in time', () => {
  test('are there at once, for whom the settings name', () => {
    const { keeper, published } = keeping();
    const [key, ...more] = setOf(keeper.material).keys;
    expect(more).toEqual([]);
    expect(key).toMatchObject({
      scope: { certificate, audience: 'clients' },
      madeAt: start,
      endsAt: start + 24 * hour,
    });
    expect(published).toEqual([]);
  });

  test('are followed by others half a lifetime later, which are published and saved', () => {
    const { keeper, published, file } = keeping();
    const [first] = tags(keeper.material);
    jest.advanceTimersByTime(12 * hour - 1);
    expect(tags(keeper.material)).toEqual([first]);
    jest.advanceTimersByTime(60_001);
    expect(tags(keeper.material)).toEqual([first, expect.any(String)]);
    expect(tags(published.at(-1)!)).toEqual(tags(keeper.material));
    expect(tags(file.saved!)).toEqual(tags(keeper.material));
  });

  test('are erased at their end, which is published and saved', () => {
    const { keeper, published, file } = keeping();
    const [first] = tags(keeper.material);
    jest.advanceTimersByTime(24 * hour + 60_000);
    expect(tags(keeper.material)).not.toContain(first);
    expect(tags(published.at(-1)!)).not.toContain(first);
    expect(tags(file.saved!)).toEqual(tags(keeper.material));
  });

  test('of cookies are new each hour, published and saved; the one before is good for another', () => {
    const { keeper, published, file } = keeping();
    const source = { link: Buffer.of(1), peerAddress: Buffer.alloc(16), datagramAddress: Buffer.alloc(16) };
    const cookie = CookieKeys.deserialize(keeper.material.cookieKeys)!.make(start / 1000, source);
    const isGood = (): boolean =>
      CookieKeys.deserialize(Buffer.from(published.at(-1)!.cookieKeys))!.verify(
        cookie,
        Date.now() / 1000,
        source,
      );
    jest.advanceTimersByTime(hour - 1);
    expect(published).toEqual([]);
    jest.advanceTimersByTime(60_000);
    expect(published).toHaveLength(1);
    expect(file.writes).toBe(2);
    expect(isGood()).toBe(true);
    jest.advanceTimersByTime(hour);
    expect(published).toHaveLength(2);
    expect(isGood()).toBe(false);
  });

  test('are published and saved where something changes, and not otherwise', () => {
    const { published, file } = keeping();
    jest.advanceTimersByTime(hour / 2);
    expect([published.length, file.writes]).toEqual([0, 1]);
  });

  test.each([
    ['forward', 13 * hour, 2],
    ['forward, past the end', 25 * hour, 1],
    ['back, for more than half a lifetime', -13 * hour, 1],
  ])('follow a clock that is set %s within a minute', (_, step, count) => {
    const { keeper, published, clock } = keeping();
    const [first] = tags(keeper.material);
    clock.step = step;
    jest.advanceTimersByTime(60_000);
    const set = setOf(published.at(-1)!);
    expect(set.keys).toHaveLength(count);
    expect(tags(published.at(-1)!).includes(first!)).toBe(count === 2);
    const now = Date.now() + step;
    expect(set.told({ certificate, audience: 'clients' }, 0x0020, now + 1000)).toBeDefined();
  });

  test('end with the keeper', () => {
    const { keeper, published } = keeping();
    keeper.close();
    jest.advanceTimersByTime(48 * hour);
    expect([tags(keeper.material), published]).toEqual([[], []]);
  });
});

describe('keys over a restart', () => {
  test('are those that were saved, and nothing is made before it is due', () => {
    const { keeper, file } = keeping();
    const before = keeper.material;
    keeper.close();
    jest.advanceTimersByTime(hour / 2);
    const { keeper: next } = keeping(file);
    expect(next.material).toEqual(before);
    expect(file.writes).toBe(1);
  });

  test('that have ended meanwhile are new, and saved at once', () => {
    const { keeper, file } = keeping();
    const [first] = tags(keeper.material);
    keeper.close();
    jest.setSystemTime(start + 25 * hour);
    const { keeper: next } = keeping(file);
    expect(tags(next.material)).not.toContain(first);
    expect(tags(file.saved!)).toEqual(tags(next.material));
  });

  test('that cannot be read are told, and new', () => {
    const file = new FakeFile();
    file.saved = { encryptionKeys: Buffer.of(9), cookieKeys: Buffer.of(9) };
    const { keeper, logged } = keeping(file);
    expect(logged).toEqual([expect.stringMatching(/^1 The encryption keys of before cannot be used: /)]);
    expect(tags(keeper.material)).toHaveLength(1);
    expect(CookieKeys.deserialize(keeper.material.cookieKeys)).toBeDefined();
    expect(tags(file.saved)).toEqual(tags(keeper.material));
  });

  test('are new where there is no file', () => {
    const none = (): KeyKeeper => {
      const keeper = new KeyKeeper({
        kems: [x25519],
        lifetime: 3600,
        certificate,
        file: undefined,
        random: randomBytes,
        now: Date.now,
        publish: () => undefined,
        log: () => undefined,
      });
      keepers.push(keeper);
      return keeper;
    };
    expect(tags(none().material)).not.toEqual(tags(none().material));
  });

  test('that cannot be saved are told once for each reason, and used', () => {
    const file = new FakeFile();
    file.problem = 'disk full';
    const { keeper, logged } = keeping(file);
    jest.advanceTimersByTime(3 * hour);
    expect(logged).toEqual([expect.stringMatching(/^2 .*disk full$/)]);
    file.problem = 'gone';
    jest.advanceTimersByTime(hour);
    file.problem = undefined;
    jest.advanceTimersByTime(hour);
    expect(file.writes).toBe(1);
    file.problem = 'gone';
    jest.advanceTimersByTime(hour);
    expect(logged).toHaveLength(3);
    expect(tags(keeper.material)).toHaveLength(1);
  });
});

describe('a certificate that is replaced', () => {
  test('has keys of its own at once, published and saved; those told under the old one go on until they end', () => {
    const { keeper, published, file } = keeping();
    const [first] = tags(keeper.material);
    keeper.adoptCertificate(other);
    const certificates = (keys: KeyMaterial) =>
      setOf(keys).keys.map(({ scope }) => scope.certificate.equals(other));
    expect(certificates(published.at(-1)!)).toEqual([false, true]);
    expect(tags(file.saved!)).toEqual(tags(keeper.material));
    jest.advanceTimersByTime(23 * hour);
    expect(certificates(keeper.material)).toEqual([false, true, true]);
    jest.advanceTimersByTime(hour + 60_000);
    expect(tags(keeper.material)).not.toContain(first);
    expect(certificates(keeper.material)).not.toContain(false);
  });

  test('by one of the same key changes nothing', () => {
    const { keeper, published } = keeping();
    keeper.adoptCertificate(Buffer.from(certificate));
    expect(published).toEqual([]);
  });
});
