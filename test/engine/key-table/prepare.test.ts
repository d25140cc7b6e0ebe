// SPDX-License-Identifier: MPL-2.0
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { lockDescriptor } from '../../../src/bridge';
import { KeyTable, KeyTableError, prepareKeyTable } from '../../../src/engine/key-table';
import { openStore } from '../../../src/engine/key-table/store';
import { verifyStore } from '../../../src/engine/key-table/verify';
import { TestDirectory } from '../../support/test-directory';
import { pause, until } from '../../support/until';
import { sourceDigest } from '../../../src/engine/key-table/keys';
import { bareClient, start } from './support/clients';
import { compileKeyTable } from './support/compiled';

const compiled = compileKeyTable();
const template = TestDirectory.forAllTests();
const parent = TestDirectory.forEachTest();
let directory: string;
let file: string;

beforeEach(() => {
  directory = parent.file('state/encryption');
  file = join(directory, 'key-table.mdb');
});

function openTable(at = directory): KeyTable {
  return KeyTable.open({ directory: at, maxEntries: 1000, lifetime: 600, now: () => start });
}

beforeAll(async () => {
  await prepareKeyTable(template.path, compiled.verifier);
  const table = openTable(template.path);
  for (let n = 0; n < 200; n += 1) {
    const client = bareClient(`${n}`, 550);
    table.acceptTimestamp(client, BigInt(n), 0n, () => 'accept');
    table.rememberAddress(`source ${n}`, client.keyId);
  }
  await table.flush();
  await table.close();
  rmSync(template.file('key-table.mdb-lock'));
});

/** A prepared table with 200 records. */
function filled(): void {
  cpSync(template.path, directory, { recursive: true });
}

function aside(): string[] {
  return readdirSync(directory).filter((name) => name.startsWith('key-table.mdb.unusable-'));
}

describe('preparing the key table', () => {
  test('makes the state directory and the files, for their owner only', async () => {
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory)) {
      expect([name, statSync(join(directory, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    const table = openTable();
    expect(table.size).toBe(0);
    await table.close();
  });

  test.each([0o000, 0o022, 0o777])('makes the same modes with umask %o', async (mask) => {
    const before = process.umask(mask);
    try {
      await prepareKeyTable(directory, compiled.verifier);
      const table = openTable();
      table.acceptTimestamp(bareClient('a'), 1n, 1n, () => 'accept');
      await table.close();
      writeFileSync(file, 'x');
      await prepareKeyTable(directory, compiled.verifier);
    } finally {
      process.umask(before);
    }
    expect(aside()).toHaveLength(1);
    expect(statSync(directory).mode & 0o777 & ~0o700).toBe(0);
    for (const name of readdirSync(directory)) {
      expect([name, statSync(join(directory, name)).mode & 0o777 & ~0o600]).toEqual([name, 0]);
    }
  });

  test('leaves a good table as it is', async () => {
    filled();
    const { ino } = statSync(file);
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
    expect(statSync(file).ino).toBe(ino);
    const table = openTable();
    expect(table.size).toBe(200);
    await table.close();
  });

  test('rebuilds it after a boot, with everything in it', async () => {
    filled();
    const { ino } = statSync(file);
    writeFileSync(join(directory, 'key-table.boot'), 'another boot');
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
    expect(statSync(file).ino).not.toBe(ino);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const table = openTable();
    expect(table.size).toBe(200);
    expect(table.findByAddress('source 7')).toEqual(bareClient('7', 550));
    table.acceptTimestamp(bareClient('new'), 1n, 1n, () => 'accept');
    expect(table.size).toBe(201);
    await table.close();
    const again = statSync(file).ino;
    await prepareKeyTable(directory, compiled.verifier);
    expect(statSync(file).ino).toBe(again);
  });

  const damages: [string, () => void][] = [
    ['a text', () => writeFileSync(file, 'no database at all\n'.repeat(1000))],
    ['zeros', () => writeFileSync(file, Buffer.alloc(65_536))],
    ['nothing', () => writeFileSync(file, '')],
    ['a short file', () => writeFileSync(file, 'x')],
    ['the beginning of it', () => truncateSync(file, 65_536)],
    ['a table with octets changed', () => writeFileSync(file, changed(readFileSync(file)))],
    ['a table without pages', () => writeFileSync(file, readFileSync(file).fill(0, 8192))],
  ];

  test.each(damages)('moves %s aside and begins anew', async (_, damage) => {
    filled();
    damage();
    const damaged = readFileSync(file);
    const { notices } = await prepareKeyTable(directory, compiled.verifier);
    expect(notices).toEqual([
      expect.stringMatching(/^The key table does not hold together \(.+\)\. It was moved to /),
    ]);
    expect(aside()).toHaveLength(1);
    expect(readFileSync(join(directory, aside()[0]!)).equals(damaged)).toBe(true);
    const table = openTable();
    expect(table.size).toBe(0);
    table.acceptTimestamp(bareClient('new'), 1n, 1n, () => 'accept');
    await table.close();
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
  });

  test('moves a database of something else aside', async () => {
    filled();
    const store = openStore(file);
    store.root.putSync(Buffer.from('format'), Buffer.from('something else, format 9'));
    await store.root.close();
    expect(() => openTable()).toThrow(
      expect.objectContaining({
        code: 'unusable-file',
        message: `${file}: no key table of this version (something else, format 9)`,
      }),
    );
    const { notices } = await prepareKeyTable(directory, compiled.verifier);
    expect(notices[0]).toContain('something else, format 9');
    expect(aside()).toHaveLength(1);
  });

  test('keeps only the last three that were moved aside', async () => {
    filled();
    for (const year of [2020, 2021, 2022, 2023]) {
      writeFileSync(`${file}.unusable-${year}`, '');
    }
    writeFileSync(file, 'x');
    await prepareKeyTable(directory, compiled.verifier);
    expect(aside()).toHaveLength(3);
    expect(aside()).not.toContain('key-table.mdb.unusable-2021');
  });

  test('several processes at once take turns', async () => {
    filled();
    writeFileSync(join(directory, 'key-table.boot'), 'another boot');
    const results = await Promise.all([1, 2, 3].map(() => prepareKeyTable(directory, compiled.verifier)));
    expect(results).toEqual([{ notices: [] }, { notices: [] }, { notices: [] }]);
    const table = openTable();
    expect(table.size).toBe(200);
    await table.close();
    expect(readdirSync(directory).sort()).toEqual(['key-table.boot', 'key-table.mdb', 'key-table.mdb-lock']);
  });

  test('it waits for the turn of another process, and not once that is gone', async () => {
    filled();
    const other = spawn('flock', ['--no-fork', directory, 'sleep', '60'], { stdio: 'ignore' });
    await until('the other process to have the turn', () => !isFree(directory));
    let isDone = false;
    const preparation = prepareKeyTable(directory, compiled.verifier).finally(() => {
      isDone = true;
    });
    await pause(200);
    expect(isDone).toBe(false);
    other.kill('SIGKILL');
    expect(await preparation).toEqual({ notices: [] });
    expect(isFree(directory)).toBe(true);
  });
});

function isFree(path: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    return lockDescriptor(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

describe('a state directory that cannot be used', () => {
  test('is said to be', async () => {
    mkdirSync(parent.path, { recursive: true });
    writeFileSync(parent.file('state'), 'a file');
    await expect(prepareKeyTable(directory, compiled.verifier)).rejects.toMatchObject({
      name: 'KeyTableError',
      code: 'unavailable',
      message: expect.stringContaining('cannot be used: ENOTDIR'),
    });
    expect(() => openTable()).toThrow(KeyTableError);
    expect(() => openTable()).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  test.each([
    [0o777, 'everybody can write to it (mode 0777); it must have mode 0700 or 0750'],
    [0o1777, 'everybody can write to it (mode 1777); it must have mode 0700 or 0750'],
    [0o702, 'everybody can write to it (mode 0702); it must have mode 0700 or 0750'],
  ])('is refused with mode %o, by the name of the setting', async (mode, problem) => {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, mode);
    await expect(prepareKeyTable(directory, compiled.verifier)).rejects.toMatchObject({
      code: 'unavailable',
      message: `"state-directory" is "${directory}", which cannot be used: ${problem}`,
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each([0o700, 0o750, 0o770, 0o755])('is taken with mode %o', async (mode) => {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, mode);
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
  });

  test("is refused where it is another user's", async () => {
    mkdirSync(directory, { recursive: true });
    chownSync(directory, 12_345, 0);
    await expect(prepareKeyTable(directory, compiled.verifier)).rejects.toMatchObject({
      code: 'unavailable',
      message: `"state-directory" is "${directory}", which cannot be used: it belongs to user 12345, and the engine runs as user 0`,
    });
    chownSync(directory, 0, 12_345);
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
  });

  test('a directory in the place of the table', async () => {
    mkdirSync(file, { recursive: true });
    expect(() => openTable()).toThrow(expect.objectContaining({ code: 'unavailable' }));
    await expect(prepareKeyTable(directory, compiled.verifier)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  test('a table of somebody else is left alone', () => {
    filled();
    chmodSync(file, 0o400);
    // Root may do everything: only another user sees the refusal.
    const outcome = asNobody(parent.path, [
      '-e',
      `require(${JSON.stringify(join(compiled.verifier, '../files.js'))}).requireOpenable(${JSON.stringify(file)})`,
    ]);
    expect(outcome).toMatch(/the key table cannot be opened: EACCES/);
  });
});

describe('a disk that is full', () => {
  test('refuses what does not fit, and the rest can be read', async () => {
    await prepareKeyTable(directory, compiled.verifier);
    // Node.js ignores SIGXFSZ, so that a write beyond the limit fails as one to a full disk does.
    const output = execFileSync('bash', [
      '-c',
      'ulimit -f 12288; exec "$0" "$@"',
      process.execPath,
      compiled.program('fill'),
      directory,
    ]).toString();
    const outcome: unknown = JSON.parse(output);
    expect(outcome).toEqual({
      code: 'write-failed',
      accepted: expect.any(Number),
      found: expect.any(Number),
      refusedIsThere: false,
    });
    const { accepted, found } = outcome as { accepted: number; found: number };
    expect(accepted).toBeGreaterThan(100);
    expect(found).toBe(accepted);

    // With room again the table goes on.
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
    const table = openTable();
    verifyStore(table['store']);
    expect(table.size).toBe(accepted);
    table.acceptTimestamp(bareClient('one more', 550), 1n, 1n, () => 'accept');
    // The bound of this opening is smaller: each new record takes four old ones with it.
    expect(table.size).toBe(accepted - 3);
    await table.close();
  });
});

/** Changes octets all over the pages behind the first ones. */
function changed(octets: Buffer): Buffer {
  for (let at = 3 * 4096; at < octets.length; at += 61) {
    octets[at]! ^= 0x55;
  }
  return octets;
}

/** What Node.js writes to stderr when it runs as a user without rights. */
function asNobody(readable: string, args: readonly string[]): string {
  chmodSync(readable, 0o777);
  for (const folder of [join(readable, 'state'), directory]) {
    chmodSync(folder, 0o777);
  }
  try {
    execFileSync(process.execPath, [...args], { uid: 65_534, gid: 65_534, stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

describe('a table of another format', () => {
  test('is set aside as it is, with a notice that names the format, and an empty one begun', async () => {
    filled();
    const store = openStore(file);
    store.root.putSync(Buffer.from('format'), Buffer.from('kea-encryption key table, format 2'));
    await store.root.close();
    const before = readFileSync(file);

    const { notices } = await prepareKeyTable(directory, compiled.verifier);

    expect(notices).toEqual([
      expect.stringMatching(/no key table of this version \(kea-encryption key table, format 2\).*moved to/),
    ]);
    const [kept = ''] = aside();
    expect(readFileSync(join(directory, kept)).equals(before)).toBe(true);
    const table = openTable();
    expect([table.size, table.findByAddress('source 7')]).toEqual([0, undefined]);
    await table.close();
  });
});

describe('verifying', () => {
  type Trees = ReturnType<typeof openStore>['trees'];
  const someRecord = (trees: Trees) => [...trees.records.getRange({ limit: 1 })][0]!;

  test.each<[string, (trees: Trees) => void, RegExp]>([
    [
      'an entry of an index without a record',
      (trees) => trees.sources.putSync(sourceDigest('nowhere'), Buffer.alloc(32)),
      /the index "sources" has 201 entries where the records have 200/,
    ],
    [
      'a record without its entry',
      (trees) => trees.sources.removeSync(sourceDigest('source 17')),
      /the index "sources" lacks an entry of a record/,
    ],
    [
      'an entry that names another key',
      (trees) => trees.sources.putSync(sourceDigest('source 17'), Buffer.alloc(32)),
      /the index "sources" lacks an entry of a record/,
    ],
    [
      'a record that is not in the order of use',
      (trees) => trees.used.clearSync(),
      /the index "used" lacks an entry of a record/,
    ],
    [
      'a record that is cut',
      (trees) => {
        const { key, value } = someRecord(trees);
        trees.records.putSync(key, value.subarray(0, -1));
      },
      /a record of the key table ends too early/,
    ],
    [
      'a record of another version',
      (trees) => {
        const { key, value } = someRecord(trees);
        trees.records.putSync(key, Buffer.concat([Buffer.of(9), value.subarray(1)]));
      },
      /a record of version 9/,
    ],
  ])('finds %s', async (_, damage, text) => {
    filled();
    const store = openStore(file);
    damage(store.trees);
    await store.root.close();
    const { notices } = await prepareKeyTable(directory, compiled.verifier);
    expect(notices).toEqual([expect.stringMatching(text)]);
  });
});
