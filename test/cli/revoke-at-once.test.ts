// SPDX-License-Identifier: MPL-2.0

import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCrl, readCrls } from '../../src/pki';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const work = TestDirectory.forAllTests().path;
const authority = join(work, 'ca');
const lock = join(authority, 'crl.lock');
const revoke = (serial: number) =>
  command('pki', 'revoke', '--directory', authority, '--serial', serial.toString(16).padStart(4, '0'));

beforeAll(async () => {
  expect(await command('pki', 'init', '--directory', authority)).toMatchObject({ code: 0 });
});

test('of many revocations at once none is lost', async () => {
  const serials = Array.from({ length: 12 }, (_, index) => 0x1000 + index);
  const outcomes = await Promise.all(serials.map(revoke));
  expect(outcomes.map(({ code }) => code)).toEqual(serials.map(() => 0));
  const [der] = readCrls(join(authority, 'crl.pem'));
  const revoked = describeCrl(der!, 'crl.pem').revoked.map((serial) => parseInt(serial, 16));
  expect(revoked.sort()).toEqual(serials);
  expect(existsSync(lock)).toBe(false);
});

test('one that fails leaves the next its turn', async () => {
  expect((await revoke(0x1000)).stderr).toContain('on the list already');
  expect(existsSync(lock)).toBe(false);
  expect(await revoke(0x2000)).toMatchObject({ code: 0 });
});

test('the file of one that was killed locks nothing', async () => {
  const { pid } = spawnSync('true');
  writeFileSync(lock, `${pid}\n`);
  expect(await revoke(0x3000)).toMatchObject({ code: 0 });
  expect(existsSync(lock)).toBe(false);
});
