// SPDX-License-Identifier: MPL-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestDirectory } from '../support/test-directory';

const script = join(__dirname, '../../native/hook-version.sh');
const directory = TestDirectory.forAllTests().path;
const hook = join(directory, 'hook.so');
const noHook = join(directory, 'no-hook.so');

function compile(file: string, code: string): void {
  const options = ['-shared', '-fPIC', '-x', 'c++', '-o', file, '-'];
  execFileSync('g++', options, { input: `extern "C" ${code}` });
}

/** A directory with the one header of kea-dev that the script reads. */
function headers(version: number): string {
  const include = join(directory, `kea-${version}`);
  mkdirSync(join(include, 'hooks'), { recursive: true });
  writeFileSync(join(include, 'hooks/hooks.h'), `const int KEA_HOOKS_VERSION = ${version};\n`);
  return include;
}

function ask(file: string, include: string) {
  const env = { ...process.env, KEA_INCLUDE_DIR: include };
  const { status, stdout, stderr } = spawnSync('bash', [script, file], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

beforeAll(() => {
  compile(hook, 'int version() { return 20603; }');
  compile(noHook, 'int another() { return 20603; }');
});

test('the hook tells the version of Kea that it was built for', () => {
  expect(ask(hook, headers(20603))).toEqual({ status: 0, stdout: '2.6.3\n', stderr: '' });
});

test('headers of another version are refused, with both', () => {
  const { status, stdout, stderr } = ask(hook, headers(30003));
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(`${hook} was built for Kea 2.6.3, and the headers of kea-dev are Kea 3.0.3's`);
});

test.each([
  ['is not there', join(directory, 'absent.so'), 'is missing'],
  ['has no version', noHook, 'undefined symbol: version'],
  ['cannot be loaded', script, 'invalid ELF header'],
])('a hook that %s is refused', (_what, file, words) => {
  const { status, stderr } = ask(file, headers(20603));
  expect(status).toBe(1);
  expect(stderr).toContain(file);
  expect(stderr).toContain(words);
});

test('without the headers it says what to install', () => {
  const { status, stderr } = ask(hook, join(directory, 'nothing'));
  expect(status).toBe(1);
  expect(stderr).toContain('kea-dev is not installed');
});
