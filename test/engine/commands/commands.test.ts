// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Blocklist } from '../../../src/engine/admission/blocklist';
import { type CommandAnswer, type CommandContext, runCommand } from '../../../src/engine/commands';
import { ContextTable } from '../../../src/engine/clients/context-table';
import { KeyTable } from '../../../src/engine/key-table';
import { PacketMetrics } from '../../../src/engine/metrics';
import { WorkerAdministration } from '../../../src/engine/handlers/worker-administration';
import { bareClient, certifiedClient, duid, start } from '../key-table/support/clients';
import { TestDirectory } from '../../support/test-directory';

const directory = TestDirectory.forAllTests().path;
const now = (): number => start;
let table: KeyTable;
let blocklists: Blocklist[];
let context: CommandContext;
const unbound: Buffer[] = [];

beforeEach(() => {
  const options = {
    maxEntries: 100_000,
    lifetime: 604_800,
    now,
    unbound: (ended: Buffer) => unbound.push(ended),
  };
  table = KeyTable.open({ directory: mkdtempSync(join(directory, 'table-')), ...options });
  blocklists = [1, 2].map(() => new Blocklist({ count: 1, window: 60, duration: 120 }));
  const workers = blocklists.map(
    (list) => new WorkerAdministration(new ContextTable(10), list, new PacketMetrics(), now),
  );
  unbound.length = 0;
  context = {
    table: () => table,
    ask: (question) => Promise.resolve(workers.map((worker) => worker.answer(question))),
    service: () => {
      throw new Error('no configuration is in force');
    },
    reload: () => Promise.resolve({ accepted: false, text: 'not here' }),
    now,
  };
});

afterEach(() => table.close());

function run(command: string, parameters?: unknown): Promise<CommandAnswer> {
  return runCommand(JSON.stringify({ command, arguments: parameters }), context);
}

/** All pages of a list, one after the other, and how many there were. */
async function all(command: string, name: string, key: string, limit: number): Promise<[unknown[], number]> {
  const found: unknown[] = [];
  let from = 'start';
  for (let pages = 1; ; pages += 1) {
    const answer = await run(command, { from, limit });
    expect(answer.result).toBe(0);
    expect(JSON.stringify(answer).length).toBeLessThan(66_000);
    const parts = new Map<string, unknown>(Object.entries(answer.arguments ?? {}));
    const entries = parts.get(name) as Record<string, string>[];
    expect(parts.get('count')).toBe(entries.length);
    expect(entries.length).toBeGreaterThan(0);
    found.push(...entries.map((entry) => entry[key]));
    if (parts.get('more') === false) {
      return [found, pages];
    }
    from = entries.at(-1)?.[key] ?? '';
  }
}

describe('pages', () => {
  test.each([
    [1, 7],
    [3, 3],
    [7, 1],
    [1000, 1],
  ])('of %d give every key and binding once, in %d pages', async (limit, expected) => {
    const clients = Array.from({ length: 7 }, (_, n) => bareClient(`client ${n}`));
    clients.forEach((client, n) => table.bind(duid(String(n)), client, false));
    const keys = clients.map(({ keyId }) => keyId.toString('hex')).sort();
    expect(await all('encryption-key-list', 'keys', 'key', limit)).toEqual([keys, expected]);
    const [duids, pages] = await all('encryption-binding-list', 'bindings', 'duid', limit);
    expect([new Set(duids).size, pages]).toEqual([7, expected]);
  });

  test('that would not fit into a frame end early, and the next goes on there', async () => {
    for (let n = 0; n < 120; n += 1) {
      const client = { ...certifiedClient(`client ${n}`, 'x'), text: `CN=${'€'.repeat(252)}` };
      table.bind(randomBytes(130), client, false);
    }
    const [keys, pages] = await all('encryption-key-list', 'keys', 'key', 1000);
    expect(new Set(keys).size).toBe(120);
    expect(pages).toBeGreaterThan(1);
  });

  test('of blocked sources come from all workers, in one order', async () => {
    const sources = Array.from({ length: 9 }, (_, n) => `interface 2 fe80000000000000000000000000000${n}`);
    sources.forEach((source, n) => blocklists[n % 2]?.fail(source, start));
    for (const limit of [1, 2, 9, 100]) {
      const [found] = await all('encryption-blocklist-list', 'sources', 'source', limit);
      expect(found).toEqual(sources);
    }
  });

  test('of nothing are empty', async () => {
    for (const list of ['key', 'binding', 'blocklist']) {
      expect(await run(`encryption-${list}-list`)).toMatchObject({ result: 3, arguments: { count: 0 } });
    }
  });
});

test('an entry tells all that is known of a key', async () => {
  const client = certifiedClient('a', 'alice');
  table.bind(duid('a'), client, false);
  const key = client.keyId.toString('hex');
  expect(await run('encryption-key-get', { key: key.toUpperCase() })).toEqual({
    result: 0,
    text: 'key found',
    arguments: {
      key: {
        key,
        credential: 'certificate',
        name: 'CN=alice',
        'not-after': '2026-01-02T00:00:00Z',
        'last-used': '2026-01-01T00:00:00Z',
        duids: [
          duid('a')
            .toString('hex')
            .replaceAll(/..(?=.)/g, '$&:'),
        ],
      },
    },
  });
});

test('a deleted key, or binding, ends the binding of the DUID', async () => {
  const client = bareClient('a');
  table.bind(duid('a'), client, false);
  const key = client.keyId.toString('hex');
  expect(await run('encryption-key-del', { key })).toMatchObject({ result: 0 });
  expect(unbound).toEqual([duid('a')]);
  expect(table.isBound(duid('a'))).toBe(false);
  expect(await run('encryption-key-del', { key })).toMatchObject({ result: 3 });
  table.bind(duid('b'), client, false);
  const bound = { duid: duid('b').toString('hex') };
  expect(await run('encryption-binding-del', bound)).toMatchObject({ result: 0 });
  expect(unbound).toEqual([duid('a'), duid('b')]);
  expect(await run('encryption-binding-del', bound)).toMatchObject({ result: 3 });
});

test('bindings are ended in bulk: of a key, of a kind of credential, or all but the derived ones', async () => {
  const [bare, alice, bob] = [bareClient('a'), certifiedClient('b', 'alice'), certifiedClient('c', 'bob')];
  const bindAll = (): void => {
    for (const client of [bare, alice, bob]) {
      table.bind(duid(client.text), client, false);
      table.bind(duid(`derived ${client.text}`), client, true);
    }
  };
  const left = (): string[] =>
    table
      .bindings(10)
      .filter(({ isDerived }) => !isDerived)
      .map(({ identity }) => identity.text)
      .sort();
  const end = async (parameters: object, count: number): Promise<void> => {
    bindAll();
    const text = `${count} bindings deleted`;
    expect(await run('encryption-binding-del', parameters)).toEqual({
      result: 0,
      text,
      arguments: { count },
    });
    expect(await run('encryption-binding-del', parameters)).toMatchObject({ result: 3 });
    expect(table.bindings(10).filter(({ isDerived }) => isDerived)).toHaveLength(3);
  };
  await end({ key: alice.keyId.toString('hex') }, 1);
  expect(left()).toEqual([bob.text, bare.text].sort());
  await end({ credential: 'public-key' }, 1);
  expect(left()).toEqual([alice.text, bob.text].sort());
  await end({ credential: 'certificate' }, 2);
  expect(left()).toEqual([bare.text]);
  await end({ all: true }, 3);
  expect(left()).toEqual([]);
});

test('more bindings than one transaction has are ended', async () => {
  for (let n = 0; n < 250; n += 1) {
    const client = certifiedClient(`${n}`, `${n}`);
    table.bind(duid(`${n}`), client, false);
  }
  expect(await run('encryption-binding-del', { all: true })).toMatchObject({ arguments: { count: 250 } });
  expect(table.bindingCount).toBe(0);
});

test('one source is let in again, or all', async () => {
  for (const list of blocklists) {
    ['link a', 'link b', 'link c'].forEach((source) => list.fail(source, start));
  }
  expect(await run('encryption-blocklist-clear', { source: 'link b' })).toMatchObject({
    result: 0,
    arguments: { count: 1 },
  });
  expect(blocklists[1]?.isBlocked('link b', start)).toBe(false);
  expect(blocklists[1]?.isBlocked('link c', start)).toBe(true);
  expect(await run('encryption-blocklist-clear')).toMatchObject({ arguments: { count: 2 } });
  expect(await run('encryption-blocklist-clear')).toMatchObject({ result: 3 });
});

test.each([
  ['encryption-key-get', { key: '00'.repeat(31) }, /^"key" is "0{62}": it must be the SHA-256 of/],
  ['encryption-key-get', { key: `${'00'.repeat(31)}0g` }, /^"key" is/],
  ['encryption-key-list', { from: '00', limit: 1 }, /^"from" is "00"/],
  ['encryption-key-list', { limit: 1001 }, /^"limit" is 1001: it must be an integer from 1 to 1000$/],
  ['encryption-key-list', { limit: 1.5 }, /^"limit" is 1.5: /],
  ['encryption-key-list', { limit: null }, /^"limit" is null: /],
  ['encryption-binding-del', { duid: '00:03:' }, /^"duid" is "00:03:": /],
  ['encryption-binding-del', { duid: '00'.repeat(131) }, /^"duid" is "0/],
  ['encryption-binding-del', undefined, /^exactly one of "duid", "key", "credential", "all" must be given$/],
  ['encryption-binding-del', { duid: '00', key: '00' }, /^exactly one of "duid"/],
  [
    'encryption-binding-del',
    { every: true },
    /^"every" is not known: the command takes "duid" and "key" and/,
  ],
  ['encryption-binding-del', { all: false }, /^"all" is false: it must be true$/],
  ['encryption-binding-del', { credential: 'bare' }, /^"credential" is "bare": it must be "certificate" or/],
  ['encryption-blocklist-clear', { source: '' }, /^"source" is "": /],
  ['encryption-status', undefined, /^no configuration is in force$/],
  ['encryption-status', null, /^"arguments" is null: it must be a map$/],
])('%s %j is refused', async (command, parameters, text) => {
  expect(await run(command, parameters)).toEqual({ result: 1, text: expect.stringMatching(text) });
});

it('names a blocked source by its own address, behind a relay agent and with a cookie, too', async () => {
  const place = `interface 2 ${'fe80'.padEnd(31, '0')}7`;
  const via = ` via ${'2001'.padEnd(32, '0')}`;
  const names = [place, `${place}${via}`, `${place}${via} cookie ${'00'.repeat(21)}`, `${place} cookies`];
  names.forEach((name) => blocklists[0]?.fail(name, start));
  expect(await run('encryption-blocklist-list')).toMatchObject({
    arguments: { sources: names.map(() => ({ address: 'fe80::7' })) },
  });
});
