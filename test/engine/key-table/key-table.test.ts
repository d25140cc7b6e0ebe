// SPDX-License-Identifier: MPL-2.0
import { mkdirSync, rmSync, statSync } from 'node:fs';
import * as fc from 'fast-check';
import { KeyTable, type KeyTableOptions } from '../../../src/engine/key-table';
import { verifyStore } from '../../../src/engine/key-table/verify';
import { TestDirectory } from '../../support/test-directory';
import { bareClient, certifiedClient, digest, duid, start } from './support/clients';

let now: number;
let unbound: string[];
let bindings: string[];
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
  unbound = [];
  bindings = [];
  opened = [];
});

function openTable(options: Partial<KeyTableOptions> = {}): KeyTable {
  const table = KeyTable.open({
    directory: directory.path,
    maxEntries: 1000,
    lifetime: 600,
    now: () => now,
    bound: (begun) => bindings.push(begun.toString('hex')),
    unbound: (ended) => unbound.push(ended.toString('hex')),
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
    before.bind(duid('a'), client, false);
    await opened.pop()!.close();
    const table = openTable();
    expect(table.find(client.keyId)).toEqual(client);
    const lasts: unknown[] = [];
    table.acceptTimestamp(client, 78n, 5n, (last) => {
      lasts.push(last);
      return 'accept';
    });
    expect(lasts).toEqual([{ timestamp: 77n, received: BigInt(start) }]);
    expect(table.boundDuids()).toEqual([duid('a')]);
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
    table.bind(duid('3'), clients[3]!, false);
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
      duids: [duid('3')],
    });

    expect(table.delete(clients[3]!.keyId)).toBe(true);
    expect(table.delete(clients[3]!.keyId)).toBe(false);
    expect(table.find(clients[3]!.keyId)).toBeUndefined();
    expect(table.boundDuids()).toEqual([]);
    expect(unbound).toEqual([duid('3').toString('hex')]);
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

  test('the DUID derived from the key is bound with what is accepted, and with nothing else', () => {
    const table = openTable();
    const client = bareClient('a');
    const accept = (outcome: 'accept' | 'drift') =>
      table.acceptTimestamp(client, 1n, BigInt(now), () => outcome, duid('derived'));
    expect(accept('drift')).toBe('drift');
    expect([table.boundDuids(), bindings]).toEqual([[], []]);
    expect([accept('accept'), accept('accept')]).toEqual(['accept', 'accept']);
    expect(table.entry(client.keyId)?.duids).toEqual([duid('derived')]);
    expect(bindings).toEqual([duid('derived').toString('hex')]);
  });

  test('a derived DUID that another key used moves with what is accepted', () => {
    const table = openTable();
    const [squatter, owner] = [certifiedClient('squatter', 'alice'), bareClient('owner')];
    table.bind(duid('derived'), squatter, false);
    table.acceptTimestamp(owner, 1n, BigInt(now), () => 'accept', duid('derived'));
    expect(table.entry(owner.keyId)?.duids).toEqual([duid('derived')]);
    expect(table.entry(squatter.keyId)?.duids).toEqual([]);
    expect(unbound).toEqual([]);
    expect(bindings).toHaveLength(2);
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

describe('identity binding (docs/protocol.md 8)', () => {
  test('the first DUID is bound to the key, and the key to it', () => {
    const table = openTable();
    const [alice, mallory] = [bareClient('alice'), bareClient('mallory')];
    seen(table, alice);
    seen(table, mallory);
    expect(table.bind(duid('a'), alice, false)).toBe('bound');
    expect(table.bind(duid('a'), alice, false)).toBe('already');
    expect(table.bind(duid('a'), mallory, false)).toBe('refused');
    expect(table.bind(duid('b'), alice, false)).toBe('refused');
    expect(table.bind(duid('m'), mallory, false)).toBe('bound');
    expect(table.boundDuids()).toHaveLength(2);
    expect(bindings).toEqual([duid('a').toString('hex'), duid('m').toString('hex')]);
    expect(unbound).toEqual([]);
  });

  test('it moves to a key whose certificate has the same issuer and names', () => {
    const table = openTable();
    const before = certifiedClient('before', 'alice');
    const after = certifiedClient('after', 'alice');
    table.bind(duid('a'), before, false);
    expect(table.wouldBind(duid('a'), after)).toBe('moved');
    expect(table.bind(duid('a'), after, false)).toBe('moved');
    expect(table.bind(duid('a'), after, false)).toBe('already');
    expect(unbound).toEqual([]);
    // The old key is free for another DUID, and then keeps to that.
    expect(table.bind(duid('b'), before, false)).toBe('bound');
    expect(table.bind(duid('a'), before, false)).toBe('refused');
  });

  test.each([
    ['another subject', certifiedClient('after', 'bob')],
    ['another issuer', certifiedClient('after', 'alice', 'other CA')],
    ['a bare key', bareClient('after')],
  ])('it does not move to %s', (_, after) => {
    const table = openTable();
    table.bind(duid('a'), certifiedClient('before', 'alice'), false);
    expect(table.bind(duid('a'), after, false)).toBe('refused');
  });

  test('it does not move between certificates without any name', () => {
    const table = openTable();
    const nameless = (name: string) => ({
      ...certifiedClient(name, ''),
      certified: { issuer: digest('CA'), names: undefined },
    });
    table.bind(duid('a'), nameless('before'), false);
    expect(table.bind(duid('a'), nameless('after'), false)).toBe('refused');
  });

  test('it does not move to a key that is bound to another DUID', () => {
    const table = openTable();
    const after = certifiedClient('after', 'alice');
    table.bind(duid('a'), certifiedClient('before', 'alice'), false);
    table.bind(duid('b'), after, false);
    expect(table.bind(duid('a'), after, false)).toBe('refused');
  });

  test("a key's derived DUID is bound beside its own one", () => {
    const table = openTable();
    const client = bareClient('a');
    expect(table.bind(duid('derived'), client, true)).toBe('bound');
    expect(table.bind(duid('own'), client, false)).toBe('bound');
    expect(table.bind(duid('derived'), client, true)).toBe('already');
    expect(table.bind(duid('own'), client, false)).toBe('already');
    expect(table.bind(duid('other'), client, false)).toBe('refused');
    expect(table.boundDuids()).toHaveLength(2);
    table.delete(client.keyId);
    expect(table.boundDuids()).toEqual([]);
    expect(unbound).toHaveLength(2);
  });

  test('what it would do can be asked, and changes nothing', () => {
    const table = openTable();
    const [alice, mallory] = [certifiedClient('alice', 'alice'), certifiedClient('mallory', 'mallory')];
    expect(table.wouldBind(duid('a'), alice)).toBe('bound');
    expect([table.size, table.boundDuids(), bindings]).toEqual([0, [], []]);
    table.bind(duid('a'), alice, false);
    expect(table.wouldBind(duid('a'), alice)).toBe('already');
    expect(table.wouldBind(duid('b'), alice)).toBe('refused');
    expect(table.wouldBind(duid('a'), mallory)).toBe('refused');
    expect(table.wouldBind(Buffer.alloc(131), mallory)).toBe('refused');
  });

  test("the derived DUID is its key's whoever has used it before, and nobody takes it from there", () => {
    const table = openTable();
    const [squatter, owner] = [certifiedClient('squatter', 'alice'), certifiedClient('owner', 'alice')];
    table.bind(duid('derived'), squatter, false);
    expect(table.bind(duid('derived'), owner, true)).toBe('moved');
    expect(table.entry(squatter.keyId)?.duids).toEqual([]);
    expect(table.entry(owner.keyId)?.duids).toEqual([duid('derived')]);
    expect(unbound).toEqual([]);
    // Not even with a renewed certificate: what is derived from a key does not move.
    expect(table.bind(duid('derived'), squatter, false)).toBe('refused');
    expect(table.bind(duid('own'), squatter, false)).toBe('bound');
  });

  test('bindings are cleared one by one or several at once', () => {
    const table = openTable();
    for (const name of ['a', 'b', 'c']) {
      table.bind(duid(name), bareClient(name), false);
    }
    table.bind(duid('derived'), bareClient('a'), true);
    expect(table.clearBinding(duid('a'))).toBe(true);
    expect(table.clearBinding(duid('a'))).toBe(false);
    expect(table.bind(duid('a'), bareClient('c'), false)).toBe('refused');
    expect(table.bind(duid('a'), bareClient('d'), false)).toBe('bound');
    const all = table.boundDuids();
    expect(table.clearBindings(all)).toBe(4);
    expect(table.clearBindings(all)).toBe(0);
    expect(table.size).toBe(4);
    expect(unbound).toHaveLength(5);
  });

  test.each([0, 131, 5000])('a DUID of %d octets is none (RFC 8415 section 11.1)', (length) => {
    const table = openTable();
    expect(table.bind(Buffer.alloc(length), bareClient('a'), false)).toBe('refused');
    expect(table.bind(Buffer.alloc(130), bareClient('a'), false)).toBe('bound');
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
  test('the least recently used go first, and what is bound to them with them', () => {
    const table = openTable({ maxEntries: 3 });
    const clients = ['a', 'b', 'c', 'd', 'e'].map((name) => bareClient(name));
    const isThere = () => clients.map(({ keyId }) => table.find(keyId) !== undefined);
    for (const client of clients.slice(0, 3)) {
      now += 1000;
      seen(table, client);
      table.bind(duid(client.text), client, false);
    }
    now += 1000;
    seen(table, clients[0]!);
    now += 1000;
    seen(table, clients[3]!);
    expect(isThere()).toEqual([true, false, true, true, false]);
    expect(unbound).toEqual([duid('key b').toString('hex')]);
    seen(table, clients[4]!);
    expect(isThere()).toEqual([true, false, false, true, true]);
    expect(table.size).toBe(3);
    expect(table.bind(duid('key b'), clients[4]!, false)).toBe('bound');
  });

  test('bare keys go before those of certificates, however recently they were used', () => {
    const table = openTable({ maxEntries: 3 });
    const certified = ['a', 'b', 'c', 'd'].map((name) => certifiedClient(name, name));
    const isThere = () => certified.map(({ keyId }) => table.find(keyId) !== undefined);
    seen(table, certified[0]!);
    table.bind(duid('a'), certified[0]!, false);
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

  test('using a binding keeps a key, with few writes', () => {
    const table = openTable({ maxEntries: 2, lifetime: 1600 });
    const [a, b, c] = [bareClient('a'), bareClient('b'), bareClient('c')];
    seen(table, a);
    now += 1000;
    seen(table, b);
    const lastUsed = () => table.list(9).find(({ identity }) => identity.text === 'key a')?.lastUsed;
    table.bind(duid('a'), a, false);
    const bound = lastUsed();
    now += 100_000;
    table.bind(duid('a'), a, false);
    expect(lastUsed()).toBe(bound);
    now += 1000;
    table.bind(duid('a'), a, false);
    expect(lastUsed()).toBe(now);
    seen(table, c);
    expect(table.find(a.keyId)).toEqual(a);
    expect(table.find(b.keyId)).toBeUndefined();
  });

  test.each(['bare', 'certified'])('a %s key is forgotten a lifetime after its last use', (kind) => {
    const table = openTable({ lifetime: 600 });
    const old = kind === 'bare' ? bareClient('old') : certifiedClient('old', 'old');
    const young = bareClient('young');
    seen(table, old);
    table.bind(duid('old'), old, false);
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
    expect(table.boundDuids()).toEqual([]);
    expect(unbound).toEqual([duid('old').toString('hex')]);
    expect(table.find(young.keyId)).toEqual(young);
  });

  test('what an expired record held is free', () => {
    const table = openTable();
    const [old, next] = [bareClient('old'), bareClient('next')];
    seen(table, old);
    seen(table, next);
    table.bind(duid('old'), old, false);
    table.rememberAddress('here', old.keyId);
    now += 599_000;
    seen(table, next);
    now += 1000;
    table.rememberAddress('here', next.keyId);
    expect(table.findByAddress('here')).toEqual(next);
    expect(table.bind(duid('old'), next, false)).toBe('bound');
    expect(unbound).toEqual([]);
    seen(table, old);
    expect(table.bind(duid('old'), old, false)).toBe('refused');
    expect(table.bind(duid('new'), old, false)).toBe('bound');
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
      fc.record({ kind: fc.constant('bind' as const), name, to: name, derived: fc.boolean() }),
      fc.record({ kind: fc.constant('source' as const), name, to: name }),
      fc.record({ kind: fc.constant('delete' as const), name }),
      fc.record({ kind: fc.constant('clear' as const), name }),
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ kind: fc.constant('purge' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const table = openTable({ maxEntries: 4, lifetime: 600 });
        for (const { keyId } of ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => bareClient(letter))) {
          table.delete(keyId);
        }
        unbound = [];
        const bound = new Set<string>();
        for (const step of operations) {
          switch (step.kind) {
            case 'seen':
              seen(table, certifiedClient(step.name, step.name < 'd' ? 'one' : 'two'));
              break;
            case 'bind': {
              // A derived DUID is its key's own.
              const presented = step.derived ? duid(`derived ${step.name}`) : duid(step.to);
              const client = certifiedClient(step.name, step.name < 'd' ? 'one' : 'two');
              const outcome = table.bind(presented, client, step.derived);
              unbound.splice(0).forEach((ended) => bound.delete(ended));
              if (outcome !== 'refused') {
                bound.add(presented.toString('hex'));
              }
              break;
            }
            case 'source':
              table.rememberAddress(step.to, certifiedClient(step.name, '').keyId);
              break;
            case 'delete':
              table.delete(bareClient(step.name).keyId);
              break;
            case 'clear':
              table.clearBinding(duid(step.name));
              break;
            case 'wait':
              now += step.seconds * 1000;
              break;
            case 'purge':
              table.purge();
          }
          unbound.splice(0).forEach((ended) => bound.delete(ended));
          expect(table.size).toBeLessThanOrEqual(4);
          expect(new Set(table.boundDuids().map((found) => found.toString('hex')))).toEqual(bound);
        }
        verifyStore(table['store']);
        await opened.pop()!.close();
      }),
      { numRuns: 60 },
    );
  });
});
