// SPDX-License-Identifier: MPL-2.0
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ntpFromUnixMilliseconds } from '../../../src/crypto';
import { KeyTable, prepareKeyTable } from '../../../src/engine/key-table';
import { verifyStore } from '../../../src/engine/key-table/verify';
import { TestDirectory } from '../../support/test-directory';
import { bareClient, digest, start } from './support/clients';
import { compileKeyTable } from './support/compiled';

const compiled = compileKeyTable();
const temporary = TestDirectory.forEachTest();
let directory: string;

beforeEach(() => {
  directory = temporary.path;
});

const timestamps = 3000;
const keyId = digest('shared key');
/** Later than the table's floor, however long it takes until the last test makes one. */
const base = ntpFromUnixMilliseconds(Date.now() + 3_600_000);

/** Something that runs accept.ts. */
interface Runner {
  readonly ready: Promise<unknown>;
  readonly accepted: () => Promise<number[]>;
  readonly ended: Promise<unknown>;
}

function thread(): Runner {
  const workerData = { directory, keyId: keyId.toString('hex'), timestamps, base: String(base) };
  const worker = new Worker(compiled.program('accept'), { workerData });
  const ended = once(worker, 'exit');
  return {
    ready: once(worker, 'message'),
    accepted: async () => {
      worker.postMessage('go');
      const [accepted] = (await once(worker, 'message')) as [number[]];
      return accepted;
    },
    ended,
  };
}

function childProcess(): Runner {
  const child = fork(compiled.program('accept'));
  const ended = once(child, 'exit');
  return {
    ready: once(child, 'message'),
    accepted: async () => {
      child.send({ directory, keyId: keyId.toString('hex'), timestamps, base: String(base) });
      const [accepted] = (await once(child, 'message')) as [number[]];
      return accepted;
    },
    ended,
  };
}

describe('one table, many users', () => {
  test.each([
    ['threads', [thread, thread, thread, thread]],
    ['processes', [childProcess, childProcess, childProcess]],
    ['threads and processes', [thread, childProcess, thread, childProcess]],
  ])('each timestamp is accepted exactly once by %s', async (_, start_) => {
    await prepareKeyTable(directory, compiled.verifier);
    const runners = start_.map((make) => make());
    await Promise.all(runners.map(({ ready }) => ready));
    const accepted = await Promise.all(runners.map((runner) => runner.accepted()));
    await Promise.all(runners.map(({ ended }) => ended));

    const all = accepted.flat().sort((a, b) => a - b);
    expect(new Set(all).size).toBe(all.length);
    // The highest timestamp is newer than any other, so somebody got it accepted.
    expect(all.at(-1)).toBe(timestamps);
    for (const own of accepted) {
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    const table = KeyTable.open({ directory, maxEntries: 1000, lifetime: 600, now: () => start });
    table.acceptTimestamp({ ...bareClient(''), keyId }, 0n, 0n, (last) => {
      expect(last?.timestamp).toBe(base + BigInt(timestamps));
      return 'no';
    });
    await table.close();
  });
});

describe('kill -9', () => {
  test('at any time leaves a whole table with all that was committed, and nobody waits for the dead', async () => {
    await prepareKeyTable(directory, compiled.verifier);
    // Open all the time, as other workers of an engine are.
    const table = KeyTable.open({ directory, maxEntries: 50, lifetime: 1000, now: () => start });
    const marked = { ...bareClient(''), keyId: Buffer.alloc(32, 0xff) };
    let count = 1;
    for (let round = 0; round < 20; round += 1) {
      const child = spawn(process.execPath, [compiled.program('busy'), directory, String(count)]);
      // And all that it has said has been read.
      const ended = once(child, 'close');
      let said = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        // After a number of changes, different in each round.
        if (said.split('\n').length > 5 + round * 13) {
          child.kill('SIGKILL');
        }
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors += text;
      });
      expect([await ended, errors]).toEqual([[null, 'SIGKILL'], '']);

      const committed = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
      expect(committed).toBeGreaterThan(count);
      let last = 0n;
      table.acceptTimestamp(marked, 0n, 0n, (known) => {
        last = known?.timestamp ?? 0n;
        return 'no';
      });
      // What it did after it had said so last may be there or not.
      expect(Number(last)).toBeGreaterThanOrEqual(committed);
      expect(Number(last)).toBeLessThanOrEqual(committed + 200);
      verifyStore(table['store']);
      expect(table.size).toBeLessThanOrEqual(50);
      count = Number(last) + 1;
    }
    expect(await prepareKeyTable(directory, compiled.verifier)).toEqual({ notices: [] });
    await table.close();
  });
});
