// SPDX-License-Identifier: MPL-2.0

/**
 * Runs every part of the tests, goes on where one fails, and adds up what they report. A check without tests of
 * its own (a linter, a type check, a build) counts as one test.
 *
 * Arguments: names of parts; without any, all of them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const scratch = mkdtempSync(join(tmpdir(), 'ke-results-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const bin = (name) => join('node_modules', '.bin', name);

/** What a part runs its commands by: where other parts run beside it, its output is kept together until its end. */
class Shell {
  /** @param isAlone whether the output goes out as it comes */
  constructor(isAlone) {
    this.isAlone = isAlone;
    this.output = [];
  }

  /** Resolves to the command's exit code. */
  run(command, args, env = {}) {
    const output = this.isAlone ? 'inherit' : 'pipe';
    const child = spawn(command, args, {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (octets) => this.output.push(octets));
    }
    return new Promise((resolve) => {
      child.once('error', (error) => {
        this.say(`${command}: ${error.message}`);
        resolve(1);
      });
      child.once('close', (code) => resolve(code ?? 1));
    });
  }

  say(text) {
    if (this.isAlone) {
      console.log(text);
    } else {
      this.output.push(Buffer.from(`${text}\n`));
    }
  }

  /** Prints what was kept. */
  end() {
    process.stdout.write(Buffer.concat(this.output));
  }
}

let files = 0;

/** A file for a command's results, not there yet. */
function resultFile(suffix) {
  files += 1;
  return join(scratch, `${files}.${suffix}`);
}

/** A command that succeeds or fails as a whole. */
function check(command, args) {
  return async (shell) => {
    const isFine = (await shell.run(command, args)) === 0;
    return { passed: isFine ? 1 : 0, failed: isFine ? 0 : 1, skipped: [] };
  };
}

/** Lines of a failure that the summary repeats: what was expected, what came, and where. */
const TOLD_LINES = 24;

/** A failed test of jest's, in short, for whoever sees the end of the output only. */
function failure(file, { fullName, failureMessages = [] }) {
  const text = stripVTControlCharacters(failureMessages.join('\n'));
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.includes('node_modules'));
  const told = lines.slice(0, TOLD_LINES).map((line) => `    ${line}`);
  return [`${relative('.', file)}: ${fullName}`, ...told].join('\n');
}

function jest(args, env) {
  return async (shell) => {
    const file = resultFile('json');
    const all = ['--json', `--outputFile=${file}`, ...args];
    const status = await shell.run(bin('jest'), all, env);
    let results;
    try {
      results = JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return { passed: 0, failed: 1, skipped: [] };
    }
    const tests = results.testResults.flatMap(({ name, assertionResults, message }) =>
      // A file that did not load has no tests to tell of.
      assertionResults.length === 0
        ? [{ name, fullName: 'the file as a whole', status: 'failed', failureMessages: [message] }]
        : assertionResults.map((result) => ({ name, ...result })),
    );
    const failures = tests
      .filter(({ status }) => status === 'failed')
      .map((result) => failure(result.name, result));
    const skipped = tests
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => fullName);
    // A file that did not even load has failed without a test that did.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed: failed || (status === 0 ? 0 : 1), skipped, failures };
  };
}

function ctest(directory, env) {
  return async (shell) => {
    const file = resultFile('xml');
    const args = ['--test-dir', directory, '--output-on-failure', '--no-tests=error', '--output-junit', file];
    const status = await shell.run('ctest', args, env);
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

/**
 * Integration tests wait for timers and for each other's processes, so more of them run at once than there are processors.
 * Each file has hosts, directories and servers of its own.
 */
const integration = (workers) => ['--selectProjects', 'integration', '--maxWorkers', String(workers)];

/**
 * The files of tests that the sanitized build is given, as arguments of jest's: those that are tagged, since their
 * packets, settings and failures take hook or addon new ways. Single tests of theirs are left out by
 * test/integration/support/sanitized.ts.
 */
function tagged(folder) {
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .filter((file) => /^\/\*\* @sanitized \*\/$/m.test(readFileSync(file, 'utf8')));
  if (files.length === 0) {
    throw new Error(`no test in ${folder} is tagged @sanitized`);
  }
  return ['--runTestsByPath', ...files];
}

const buildSanitized = check('npm', ['run', '--silent', 'build:sanitized']);

/**
 * The native tests, the addon's and integration tests with hook and addon under AddressSanitizer and
 * UndefinedBehaviorSanitizer. Their reports go to files, as a daemon's output may be lost; each report is a failure.
 */
async function sanitized(shell) {
  if ((await buildSanitized(shell)).failed > 0) {
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
    await ctest('build/sanitized/build/hook', env)(shell),
    await jest(['--selectProjects', 'unit', '--runInBand', ...tagged('test/bridge')], {
      ...env,
      LD_PRELOAD: preload,
      KEA_HOOKS_BRIDGE: join(process.cwd(), 'build/sanitized/build/Release/kea_hooks_bridge.node'),
    })(shell),
    await jest([...integration(2), ...tagged('test/integration')], env)(shell),
  ];
  const found = readdirSync(reports);
  for (const name of found) {
    shell.say(readFileSync(join(reports, name), 'utf8'));
  }
  const sum = (name) => results.reduce((total, result) => total + result[name], 0);
  return {
    passed: sum('passed'),
    failed: sum('failed') + found.length,
    skipped: results.flatMap(({ skipped }) => skipped),
    failures: results.flatMap(({ failures = [] }) => failures),
  };
}

const parts = {
  eslint: check(bin('eslint'), ['.']),
  prettier: check(bin('prettier'), ['--check', '.']),
  'clang-format': check('bash', ['native/format.sh', '--dry-run', '-Werror']),
  types: check(bin('tsc'), ['-p', 'test', '--noEmit']),
  'sanitized-build': buildSanitized,
  unit: jest(['--selectProjects', 'unit', '--maxWorkers', '2']),
  native: ctest('build/hook'),
  integration: jest(integration(4)),
  sanitized,
};

/** One stage after the other; the rows of a stage run beside each other, the parts of a row one after the other. */
const stages = [
  [['unit'], ['eslint', 'prettier', 'clang-format', 'types', 'sanitized-build']],
  [['native', 'integration'], ['sanitized']],
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no part is called ${unknown.join(', ')}; there are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: [], failures: [] };
const lines = [];

async function runPart(name, isAlone) {
  const shell = new Shell(isAlone);
  shell.say(`\n== ${name}`);
  const started = Date.now();
  const { passed, failed, skipped, failures = [] } = await parts[name](shell);
  shell.end();
  total.passed += passed;
  total.failed += failed;
  total.skipped.push(...skipped.map((reason) => `${name}: ${reason}`));
  total.failures.push(...failures.map((text) => `${name}: ${text}`));
  const seconds = Math.round((Date.now() - started) / 1000);
  lines.push(`${failed > 0 ? 'FAIL' : 'ok  '}  ${name}: ${passed} passed, ${failed} failed, ${seconds} s`);
}

async function runRow(names, isAlone) {
  for (const name of names) {
    await runPart(name, isAlone);
  }
}

for (const stage of stages) {
  const rows = stage
    .map((names) => names.filter((name) => wanted.length === 0 || wanted.includes(name)))
    .filter(({ length }) => length > 0);
  await Promise.all(rows.map((names) => runRow(names, rows.length === 1)));
}

for (const text of total.failures) {
  console.log(`\nfailed  ${text}`);
}
console.log(`\n== summary\n${lines.join('\n')}`);
for (const reason of total.skipped) {
  console.log(`skipped  ${reason}`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
