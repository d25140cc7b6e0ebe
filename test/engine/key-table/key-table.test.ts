// SPDX-License-Identifier: MPL-2.0
import { mkdirSync, rmSync, statSync } from 'node:fs';
import * as fc from 'fast-check';
import { KeyTable, type KeyTableOptions } from '../../../src/engine/key-table';
import { verifyStore } from '../../../src/engine/key-table/verify';
import { TestDirectory } from '../../support/test-directory';
import { bareClient, certifiedClient, digest, start } from './support/clients';

let now: number;
let opened: KeyTable[];

// Before their directory goes.
afterEach(async () => {
  for (const table of opened) {
    // What holds after every test: records and indices fit.
    verifyStore(table['store']);
    await table.close();
  }
});

const directory = TestDirectory.forEachTest();

beforeEach(() => {
  now = start;
  opened = [];
});

function openTable(options: Partial<KeyTableOptions> = {}): KeyTable {
  const table = KeyTable.open({
    directory: directory.path,
    maxEntries: 1000,
    lifetime: 600,
    now: () => now,
    ...options,
  });
  opened.push(table);
  return table;
}

function seen(table: KeyTable, client: ReturnType<typeof bareClient>, timestamp = BigInt(now)): void {
  expect(table.acceptTimestamp(client, timestamp, BigInt(now), () => 'accept')).toBe('accept');
}

describe('records', () => {
  test('what was recorded is found, also by another opening of the table', () => {
    const table = openTable();
    const client = certifiedClient('a', 'alice');
    expect(table.find(client.keyId)).toBeUndefined();
    seen(table, client);
    expect(table.find(client.keyId)).toEqual(client);
    expect(openTable().find(client.keyId)).toEqual(client);
    expect(table.size).toBe(1);
  });

  test('a record survives closing', async () => {
    const client = bareClient('a');
    const before = openTable();
    seen(before, client, 77n);
    await opened.pop()!.close();
    const table = openTable();
    expect(table.find(client.keyId)).toEqual(client);
    const lasts: unknown[] = [];
    table.acceptTimestamp(client, 78n, 5n, (last) => {
      lasts.push(last);
      return 'accept';
    });
    expect(lasts).toEqual([{ timestamp: 77n, received: BigInt(start) }]);
  });

  test('what is found stays what it is when the table goes on', () => {
    const table = openTable();
    const client = bareClient('a', 550);
    seen(table, client);
    const found = table.find(client.keyId);
    for (let n = 0; n < 500; n += 1) {
      seen(table, bareClient(`other ${n}`, 550));
      table.find(digest(`key other ${n}`));
    }
    expect(found).toEqual(client);
  });

  test('what is found keeps no memory but its own, as contexts hold it for long', () => {
    const table = openTable();
    const client = certifiedClient('a', 'alice');
    seen(table, client);
    const { keyId, spki } = table.find(Buffer.from(client.keyId))!;
    expect(keyId.buffer.byteLength).toBe(keyId.length);
    expect(spki.buffer.byteLength).toBeLessThan(1024);
  });

  test('files are for their owner only', () => {
    rmSync(directory.path, { recursive: true });
    mkdirSync(directory.path);
    openTable();
    expect(statSync(directory.file('key-table.mdb')).mode & 0o777).toBe(0o600);
    expect(statSync(directory.file('key-table.mdb-lock')).mode & 0o777).toBe(0o600);
  });

  test('lists by page, and deletes', () => {
    const table = openTable();
    const clients = Array.from({ length: 25 }, (_, n) => bareClient(`${n}`));
    clients.forEach((client) => seen(table, client, 5n));
    const pages: string[][] = [];
    let after: Buffer | undefined;
    do {
      const page = table.list(10, after);
      pages.push(page.map(({ identity }) => identity.keyId.toString('hex')));
      after = page.at(-1)?.identity.keyId;
    } while (after !== undefined);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5, 0]);
    expect(pages.flat()).toEqual(clients.map(({ keyId }) => keyId.toString('hex')).sort());
    const entry = table.list(25).find(({ identity }) => identity.keyId.equals(clients[3]!.keyId));
    expect(entry).toEqual({
      identity: clients[3],
      lastUsed: start,
      last: { timestamp: 5n, received: BigInt(start) },
    });

    expect(table.delete(clients[3]!.keyId)).toBe(true);
    expect(table.delete(clients[3]!.keyId)).toBe(false);
    expect(table.find(clients[3]!.keyId)).toBeUndefined();
  });
});

describe('timestamps (docs/protocol.md 6)', () => {
  test('the rule sees the last accepted one, and only what it accepts is recorded', () => {
    const table = openTable();
    const client = bareClient('a');
    const judge = (timestamp: bigint, verdict: 'accept' | 'not-newer') => {
      let last: unknown = 'not called';
      expect(
        table.acceptTimestamp(client, timestamp, timestamp + 1n, (given) => {
          last = given;
          return verdict;
        }),
      ).toBe(verdict);
      return last;
    };
    expect(judge(10n, 'not-newer')).toBeUndefined();
    expect(table.find(client.keyId)).toBeUndefined();
    expect(judge(20n, 'accept')).toBeUndefined();
    expect(judge(30n, 'not-newer')).toEqual({ timestamp: 20n, received: 21n });
    expect(judge(2n ** 64n - 2n, 'accept')).toEqual({ timestamp: 20n, received: 21n });
    expect(judge(50n, 'not-newer')).toEqual({ timestamp: 2n ** 64n - 2n, received: 2n ** 64n - 1n });
  });

  test('a rule that throws changes nothing, and the table goes on', () => {
    const table = openTable();
    const client = bareClient('a');
    const fail = () =>
      table.acceptTimestamp(client, 1n, 1n, () => {
        throw new Error('of the rule');
      });
    expect(fail).toThrow(expect.objectContaining({ name: 'KeyTableError', code: 'write-failed' }));
    expect(table.find(client.keyId)).toBeUndefined();
    seen(table, client);
    expect(table.find(client.keyId)).toEqual(client);
  });

  test("a key's new certificate takes the place of the old", () => {
    const table = openTable();
    const client = certifiedClient('a', 'alice');
    const renewed = { ...client, notAfter: client.notAfter! + 1, text: 'CN=alice, O=new' };
    seen(table, client);
    seen(table, renewed);
    expect(table.find(client.keyId)).toEqual(renewed);
    expect(table.size).toBe(1);
  });
});

describe('sources (docs/protocol.md 9)', () => {
  test('who authenticated last from a source, and from where each did last', () => {
    const table = openTable();
    const [alice, bob] = [bareClient('alice'), bareClient('bob')];
    seen(table, alice);
    seen(table, bob);
    expect(table.findByAddress('link fe80::1')).toBeUndefined();
    table.rememberAddress('link fe80::1', alice.keyId);
    table.rememberAddress('link fe80::1', alice.keyId);
    expect(table.findByAddress('link fe80::1')).toEqual(alice);
    table.rememberAddress('link fe80::1', bob.keyId);
    expect(table.findByAddress('link fe80::1')).toEqual(bob);
    table.rememberAddress('x'.repeat(70_000), bob.keyId);
    expect(table.findByAddress('link fe80::1')).toBeUndefined();
    expect(table.findByAddress('x'.repeat(70_000))).toEqual(bob);
    table.rememberAddress('link fe80::1', alice.keyId);
    expect(table.findByAddress('link fe80::1')).toEqual(alice);
    table.delete(alice.keyId);
    expect(table.findByAddress('link fe80::1')).toBeUndefined();
  });

  test('a key without a record has no source', () => {
    const table = openTable();
    table.rememberAddress('link fe80::1', digest('nobody'));
    expect(table.findByAddress('link fe80::1')).toBeUndefined();
  });
});

describe('bounds', () => {
  test('the least recently used go first', () => {
    const table = openTable({ maxEntries: 3 });
    const clients = ['a', 'b', 'c', 'd', 'e'].map((name) => bareClient(name));
    const isThere = () => clients.map(({ keyId }) => table.find(keyId) !== undefined);
    for (const client of clients.slice(0, 3)) {
      now += 1000;
      seen(table, client);
    }
    now += 1000;
    seen(table, clients[0]!);
    now += 1000;
    seen(table, clients[3]!);
    expect(isThere()).toEqual([true, false, true, true, false]);
    seen(table, clients[4]!);
    expect(isThere()).toEqual([true, false, false, true, true]);
    expect(table.size).toBe(3);
  });

  test('bare keys go before those of certificates, however recently they were used', () => {
    const table = openTable({ maxEntries: 3 });
    const certified = ['a', 'b', 'c', 'd'].map((name) => certifiedClient(name, name));
    const isThere = () => certified.map(({ keyId }) => table.find(keyId) !== undefined);
    seen(table, certified[0]!);
    seen(table, certified[1]!);
    for (const name of ['v', 'w', 'x', 'y', 'z']) {
      now += 1000;
      seen(table, bareClient(name));
    }
    expect(isThere()).toEqual([true, true, false, false]);
    expect(table.find(bareClient('z').keyId)).toBeDefined();
    seen(table, certified[2]!);
    expect(isThere()).toEqual([true, true, true, false]);
    expect(table.find(bareClient('z').keyId)).toBeUndefined();
    now += 1000;
    seen(table, certified[3]!);
    expect(isThere().filter(Boolean)).toHaveLength(3);
    expect(table.size).toBe(3);
  });

  test('a key that a certificate is shown for later counts as that from then on', () => {
    const table = openTable({ maxEntries: 2 });
    const later = certifiedClient('later', 'later');
    seen(table, { ...later, kind: 'public-key', certified: undefined });
    seen(table, later);
    for (const name of ['x', 'y', 'z']) {
      now += 1000;
      seen(table, bareClient(name));
    }
    expect(table.find(later.keyId)).toEqual(later);
  });

  test('a use keeps a key, with few writes', () => {
    const table = openTable({ maxEntries: 2, lifetime: 1600 });
    const [a, b, c] = [bareClient('a'), bareClient('b'), bareClient('c')];
    seen(table, a);
    const lastUsed = () => table.entry(a.keyId)?.lastUsed;
    now += 100_000;
    table.noteUse(a.keyId);
    expect(lastUsed()).toBe(start);
    now += 1000;
    seen(table, b);
    table.noteUse(a.keyId);
    expect(lastUsed()).toBe(now);
    now += 200_000;
    table.noteUse(a.keyId);
    seen(table, c);
    expect(table.find(a.keyId)).toEqual(a);
    expect(table.find(b.keyId)).toBeUndefined();
    // Nothing is begun, or brought back, by it.
    table.noteUse(b.keyId);
    now += 1_600_000;
    table.noteUse(a.keyId);
    expect([a, b].map(({ keyId }) => table.find(keyId))).toEqual([undefined, undefined]);
  });

  test.each(['bare', 'certified'])('a %s key is forgotten a lifetime after its last use', (kind) => {
    const table = openTable({ lifetime: 600 });
    const old = kind === 'bare' ? bareClient('old') : certifiedClient('old', 'old');
    const young = bareClient('young');
    seen(table, old);
    table.rememberAddress('here', old.keyId);
    now += 300_000;
    seen(table, young);
    now += 299_000;
    expect(table.find(old.keyId)).toEqual(old);
    now += 1000;
    expect(table.find(old.keyId)).toBeUndefined();
    expect(table.findByAddress('here')).toBeUndefined();
    const lasts: unknown[] = [];
    table.acceptTimestamp(old, 1n, 1n, (last) => {
      lasts.push(last);
      return 'no';
    });
    expect(lasts).toEqual([undefined]);
    expect(table.purge()).toBe(1);
    expect(table.purge()).toBe(0);
    expect(table.size).toBe(1);
    expect(table.find(young.keyId)).toEqual(young);
  });

  test('what an expired record held is free', () => {
    const table = openTable();
    const [old, next] = [bareClient('old'), bareClient('next')];
    seen(table, old);
    seen(table, next);
    table.rememberAddress('here', old.keyId);
    now += 599_000;
    seen(table, next);
    now += 1000;
    table.rememberAddress('here', next.keyId);
    expect(table.findByAddress('here')).toEqual(next);
    seen(table, old);
    expect(table.findByAddress('here')).toEqual(next);
  });

  test('a smaller bound is reached step by step', () => {
    const wide = openTable();
    for (let n = 0; n < 100; n += 1) {
      now += 1000;
      seen(wide, bareClient(`${n}`));
    }
    const table = openTable({ maxEntries: 10 });
    seen(table, bareClient('one more'));
    expect(table.size).toBe(97);
    expect(table.purge(50)).toBe(50);
    expect(table.purge(50)).toBe(37);
    expect(table.size).toBe(10);
    expect(table.find(bareClient('99').keyId)).toBeDefined();
    expect(table.find(bareClient('90').keyId)).toBeUndefined();
  });

  test('any operations leave records and indices that fit, within the bound', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('seen' as const), name }),
      fc.record({ kind: fc.constant('use' as const), name }),
      fc.record({ kind: fc.constant('source' as const), name, to: name }),
      fc.record({ kind: fc.constant('delete' as const), name }),
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ kind: fc.constant('purge' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const table = openTable({ maxEntries: 4, lifetime: 600 });
        for (const { keyId } of ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => bareClient(letter))) {
          table.delete(keyId);
        }
        for (const step of operations) {
          switch (step.kind) {
            case 'seen':
              seen(table, certifiedClient(step.name, step.name < 'd' ? 'one' : 'two'));
              break;
            case 'use':
              table.noteUse(bareClient(step.name).keyId);
              break;
            case 'source':
              table.rememberAddress(step.to, certifiedClient(step.name, '').keyId);
              break;
            case 'delete':
              table.delete(bareClient(step.name).keyId);
              break;
            case 'wait':
              now += step.seconds * 1000;
              break;
            case 'purge':
              table.purge();
          }
          expect(table.size).toBeLessThanOrEqual(4);
        }
        verifyStore(table['store']);
        await opened.pop()!.close();
      }),
      { numRuns: 60 },
    );
  });
});
