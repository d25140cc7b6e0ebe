// SPDX-License-Identifier: MPL-2.0

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { ntpFromUnixMilliseconds } from '../../../src/crypto';
import { Blocklist } from '../../../src/engine/admission/blocklist';
import { type CommandAnswer, type CommandContext, runCommand } from '../../../src/engine/commands';
import type { ClientIdentity } from '../../../src/engine/key-table/client-identity';
import { ContextTable } from '../../../src/engine/clients/context-table';
import { KeyTable } from '../../../src/engine/key-table';
import { PacketMetrics } from '../../../src/engine/metrics';
import { WorkerAdministration } from '../../../src/engine/handlers/worker-administration';
import { bareClient, certifiedClient, start } from '../key-table/support/clients';
import { TestDirectory } from '../../support/test-directory';

const directory = TestDirectory.forAllTests().path;
const now = (): number => start;
let table: KeyTable;
let blocklists: Blocklist[];
let context: CommandContext;

beforeEach(() => {
  const options = {
    maxEntries: 100_000,
    lifetime: 604_800,
    now,
  };
  table = KeyTable.open({ directory: mkdtempSync(join(directory, 'table-')), ...options });
  blocklists = [1, 2].map(() => new Blocklist({ count: 1, window: 60, duration: 120 }));
  const workers = blocklists.map(
    (list) => new WorkerAdministration(new ContextTable(10), list, new PacketMetrics(), now),
  );
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

/** Has the key table know a client. */
function seen(client: ClientIdentity): void {
  const time = ntpFromUnixMilliseconds(start);
  table.acceptTimestamp(client, time, time, () => 'accept');
}

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
  ])('of %d give every key once, in %d pages', async (limit, expected) => {
    const clients = Array.from({ length: 7 }, (_, n) => bareClient(`client ${n}`));
    clients.forEach(seen);
    const keys = clients.map(({ keyId }) => keyId.toString('hex')).sort();
    expect(await all('encryption-key-list', 'keys', 'key', limit)).toEqual([keys, expected]);
  });

  test('that would not fit into a frame end early, and the next goes on there', async () => {
    for (let n = 0; n < 120; n += 1) {
      const client = { ...certifiedClient(`client ${n}`, 'x'), text: `CN=${'€'.repeat(252)}` };
      seen(client);
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
    for (const list of ['key', 'blocklist']) {
      expect(await run(`encryption-${list}-list`)).toMatchObject({ result: 3, arguments: { count: 0 } });
    }
  });
});

test('an entry tells all that is known of a key', async () => {
  const client = certifiedClient('a', 'alice');
  seen(client);
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
        'last-timestamp': '2026-01-01T00:00:00Z',
      },
    },
  });
});

test('a deleted key is gone', async () => {
  const client = bareClient('a');
  seen(client);
  const key = client.keyId.toString('hex');
  expect(await run('encryption-key-del', { key })).toMatchObject({ result: 0 });
  expect(table.find(client.keyId)).toBeUndefined();
  expect(await run('encryption-key-del', { key })).toMatchObject({ result: 3 });
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
