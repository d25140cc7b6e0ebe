// SPDX-License-Identifier: MPL-2.0

import { readFileSync, writeFileSync } from 'node:fs';
import { TestDirectory } from '../support/test-directory';
import { command, type Outcome } from './support';

const directory = TestDirectory.forEachTest();
const [one, two] = ['0002000009bf01', '0002000009bf02'];
const [keyOfOne, keyOfTwo] = ['01'.repeat(32), '02'.repeat(32)];
const both = { [one]: keyOfOne, [two]: keyOfTwo };

const read = (): unknown => JSON.parse(readFileSync(directory.file('pins'), 'utf8'));

function pins(...argv: readonly string[]): Promise<Outcome> {
  return command('client', 'pins', ...argv, '--trust-on-first-use', directory.file('pins'));
}

beforeEach(() => {
  writeFileSync(directory.file('pins'), JSON.stringify(both));
});

test('list prints a line for each server, for programs an object', async () => {
  expect(await pins('list')).toEqual({
    code: 0,
    stdout: `${one}  ${keyOfOne}\n${two}  ${keyOfTwo}\n`,
    stderr: '',
  });
  expect(JSON.parse((await pins('list', '--json')).stdout)).toEqual({
    file: directory.file('pins'),
    servers: [
      { duid: one, key: keyOfOne },
      { duid: two, key: keyOfTwo },
    ],
  });
});

test('export prints what another client may have as its file, of all servers or of some', async () => {
  expect(JSON.parse((await pins('export')).stdout)).toEqual(both);
  const { stdout } = await pins('export', '00:02:00:00:09:bf:02');
  writeFileSync(directory.file('pins'), stdout);
  expect((await pins('list')).stdout).toBe(`${two}  ${keyOfTwo}\n`);
});

test('remove takes servers out of the file, and leaves the others', async () => {
  expect(await pins('remove', '00:02:00:00:09:bf:01')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(read()).toEqual({ [two]: keyOfTwo });
});

test.each([
  ['a server that is not there', ['remove', one.replace(/1$/, '3'), one], 1, /has no server 0002000009bf03/],
  ['a text that is no DUID', ['remove', 'xyz'], 2, /"xyz": a DUID in hexadecimal is expected/],
  ['no server', ['remove'], 2, /missing required argument 'duids'/],
])('%s is told by name', async (_, argv, code, text) => {
  const outcome = await pins(...argv);
  expect(outcome).toMatchObject({ code, stdout: '' });
  expect(outcome.stderr).toMatch(text);
});

test('a file that is not there, not named, or no file of pins is told by name', async () => {
  const missing = await command('client', 'pins', 'list', '--trust-on-first-use', directory.file('no'));
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining(directory.file('no')) });
  expect(await command('client', 'pins', 'list')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--trust-on-first-use'),
  });
  writeFileSync(directory.file('pins'), '{"00": 1}');
  expect(await pins('list')).toMatchObject({ code: 1, stderr: expect.stringContaining('is no DUID') });
});
