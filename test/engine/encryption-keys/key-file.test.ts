// SPDX-License-Identifier: MPL-2.0

/** Keys survive a restart of the engine on a memory file system, and are never on a disk (docs/protocol.md 4.4). */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findKeyFile } from '../../../src/engine/encryption-keys/key-file';
import { TestDirectory } from '../../support/test-directory';

const disk = TestDirectory.forEachTest();
let memory: string;

beforeEach(() => {
  memory = mkdtempSync('/dev/shm/keys-');
});
afterEach(() => {
  rmSync(memory, { recursive: true });
});

const keys = { encryptionKeys: randomBytes(300), cookieKeys: randomBytes(41) };

test('what was written is read again, by whoever has the same state directory', () => {
  findKeyFile([memory], '/state').file!.write(keys);
  expect(findKeyFile([memory], '/state').file!.read()).toEqual(keys);
  expect(findKeyFile([memory], '/other').file!.read()).toBeUndefined();
});

test('only its owner may read it', () => {
  const directory = join(memory, 'new');
  findKeyFile([directory], '/state').file!.write(keys);
  const [name] = readdirSync(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, name!)).mode & 0o777).toBe(0o600);
});

test('a directory on a disk is none for it, and that is told', () => {
  const found = findKeyFile([disk.path], '/state');
  const isMemory = found.file !== undefined;
  // A machine whose temporary directory is memory can show no more than that it is taken for it.
  expect(found.problem === '' ? isMemory : found.problem.includes('not on a memory file system')).toBe(true);
  expect(findKeyFile(['/proc/keys-of-nobody', memory], '/state').file).toBeDefined();
  expect(findKeyFile(['/proc/keys-of-nobody'], '/state').problem).toContain('/proc/keys-of-nobody');
});

test('what is replaced is overwritten, though somebody has it open', () => {
  const { file } = findKeyFile([memory], '/state');
  file!.write(keys);
  const path = join(memory, readdirSync(memory)[0]!);
  const before = openSync(path, 'r');
  const octets = Buffer.alloc(statSync(path).size, 1);
  file!.write({ encryptionKeys: Buffer.alloc(0), cookieKeys: Buffer.alloc(0) });
  readSync(before, octets, 0, octets.length, 0);
  closeSync(before);
  expect(octets.every((octet) => octet === 0)).toBe(true);
});

test('what an engine has left that ended while it wrote goes at the next start, of nobody else', () => {
  const { file } = findKeyFile([memory], '/state');
  file!.write(keys);
  const [name = ''] = readdirSync(memory);
  const [draft, other] = [`${name}.0123456789ab.new`, 'keys-other.0123456789ab.new'];
  for (const left of [draft, other]) {
    writeFileSync(join(memory, left), readFileSync(join(memory, name)));
  }
  const open = openSync(join(memory, draft), 'r');
  const octets = Buffer.alloc(statSync(join(memory, draft)).size, 1);
  expect(file!.read()).toEqual(keys);
  expect(readdirSync(memory).sort()).toEqual([name, other].sort());
  readSync(open, octets, 0, octets.length, 0);
  closeSync(open);
  expect(octets.every((octet) => octet === 0)).toBe(true);
});

test.each([
  ['cut short', (path: string) => truncateSync(path, 200)],
  [
    'of another format',
    (path: string) => writeFileSync(path, Buffer.concat([Buffer.from('x'), readFileSync(path)])),
  ],
  ['empty', (path: string) => truncateSync(path, 0)],
])('a file that is %s is as none', (_, spoil) => {
  const { file } = findKeyFile([memory], '/state');
  file!.write(keys);
  spoil(join(memory, readdirSync(memory)[0]!));
  expect(file!.read()).toBeUndefined();
});
