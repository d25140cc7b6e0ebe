// SPDX-License-Identifier: MPL-2.0

/**
 * Runs every part of the tests, goes on where one fails, and adds up what they report. A check without tests of
 * its own (a linter, a type check) counts as one test.
 *
 * Arguments: names of parts; without any, all of them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'ke-results-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const bin = (name) => join('node_modules', '.bin', name);

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (error) {
    console.log(`${command}: ${error.message}`);
  }
  return status ?? 1;
}

/** A command that succeeds or fails as a whole. */
function check(command, args) {
  return () => {
    const isFine = run(command, args) === 0;
    return { passed: isFine ? 1 : 0, failed: isFine ? 0 : 1, skipped: [] };
  };
}

function jest(args, env) {
  return () => {
    const file = join(scratch, 'jest.json');
    rmSync(file, { force: true });
    const status = run(bin('jest'), ['--json', `--outputFile=${file}`, ...args], env);
    let results;
    try {
      results = JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return { passed: 0, failed: 1, skipped: [] };
    }
    const skipped = results.testResults
      .flatMap((file) => file.assertionResults)
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => fullName);
    // A file that did not even load has failed without a test that did.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed: failed || (status === 0 ? 0 : 1), skipped };
  };
}

function ctest(directory, env) {
  return () => {
    const file = join(scratch, 'ctest.xml');
    rmSync(file, { force: true });
    const args = ['--test-dir', directory, '--output-on-failure', '--no-tests=error', '--output-junit', file];
    const status = run('ctest', args, env);
    let suite;
    try {
      suite = /<testsuite[^>]*>/.exec(readFileSync(file, 'utf8'))[0];
    } catch {
      return { passed: 0, failed: 1, skipped: [] };
    }
    const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const skipped = Array.from(
      { length: count('skipped') + count('disabled') },
      () => `${directory}: see above`,
    );
    const failed = count('failures') || (status === 0 ? 0 : 1);
    return { passed: count('tests') - count('failures') - skipped.length, failed, skipped };
  };
}

/** Integration tests for the sanitized build: those whose packets, settings and failures take hook or addon new ways. */
const nativeWays = [
  'cleartext',
  'commands',
  'encrypted',
  'engine-failure',
  'malformed',
  'mutations',
  'relay-levels',
  'reservations',
  'settings',
  'solution-b',
  'swarm',
];

/**
 * The native tests, the addon's and integration tests with hook and addon under AddressSanitizer and
 * UndefinedBehaviorSanitizer. Their reports go to files, as a daemon's output may be lost; each report is a failure.
 */
function sanitized() {
  if (run('npm', ['run', '--silent', 'build:sanitized']) !== 0) {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const reports = join(scratch, 'reports');
  mkdirSync(reports);
  const options = `log_path=${join(reports, 'report')}:detect_leaks=0:abort_on_error=1`;
  const preload = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
  const env = {
    ASAN_OPTIONS: options,
    UBSAN_OPTIONS: `${options}:print_stacktrace=1:halt_on_error=1`,
    KEA_ENCRYPTION_TREE: 'build/sanitized',
    KEA_ENCRYPTION_PRELOAD: preload,
  };
  const results = [
    ctest('build/sanitized/build/hook', env)(),
    jest(['--selectProjects', 'unit', '--runInBand', '--testPathPatterns', 'test/bridge'], {
      ...env,
      LD_PRELOAD: preload,
      KEA_HOOKS_BRIDGE: join(process.cwd(), 'build/sanitized/build/Release/kea_hooks_bridge.node'),
    })(),
    jest(
      [
        ...['--selectProjects', 'integration', '--runInBand', '--testPathPatterns'],
        ...nativeWays.map((name) => `/${name}\\.test\\.ts$`),
      ],
      env,
    )(),
  ];
  const found = readdirSync(reports);
  for (const name of found) {
    console.log(readFileSync(join(reports, name), 'utf8'));
  }
  const sum = (name) => results.reduce((total, result) => total + result[name], 0);
  return {
    passed: sum('passed'),
    failed: sum('failed') + found.length,
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

const parts = {
  eslint: check(bin('eslint'), ['.']),
  prettier: check(bin('prettier'), ['--check', '.']),
  'clang-format': check('bash', ['native/format.sh', '--dry-run', '-Werror']),
  types: check(bin('tsc'), ['-p', 'test', '--noEmit']),
  unit: jest(['--selectProjects', 'unit']),
  native: ctest('build/hook'),
  // Each test file has hosts, directories and servers of its own.
  integration: jest(['--selectProjects', 'integration', '--maxWorkers', '2']),
  sanitized,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no part is called ${unknown.join(', ')}; there are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: [] };
const lines = [];
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    continue;
  }
  console.log(`\n== ${name}`);
  const started = Date.now();
  const { passed, failed, skipped } = part();
  total.passed += passed;
  total.failed += failed;
  total.skipped.push(...skipped.map((reason) => `${name}: ${reason}`));
  const seconds = Math.round((Date.now() - started) / 1000);
  lines.push(`${failed > 0 ? 'FAIL' : 'ok  '}  ${name}: ${passed} passed, ${failed} failed, ${seconds} s`);
}
console.log(`\n== summary\n${lines.join('\n')}`);
for (const reason of total.skipped) {
  console.log(`skipped  ${reason}`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
