// SPDX-License-Identifier: MPL-2.0

import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from './random';

/** Inputs after which the event loop gets its turn. */
const BATCH = 50;

/** Octets by which what is held may grow between the middle of a run and its end. */
const MAX_GROWTH = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Lines of hexadecimal of test/fuzz/corpus; what stands behind a `#` says what it is. */
export function corpus(name: string): Buffer[] {
  const text = readFileSync(join(__dirname, '../corpus', `${name}.hex`), 'utf8');
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'hex'));
}

/** Whether a run is one of FUZZ_SECONDS, or of one input, and not the whole that every run of the tests has. */
export function isTimed(): boolean {
  return process.env['FUZZ_SECONDS'] !== undefined || process.env['FUZZ_ONE'] !== undefined;
}

export interface Fuzzing {
  readonly name: string;
  /** Inputs without FUZZ_SECONDS: a few seconds. */
  readonly count: number;
  /** Deals with one input, drawn from `random`. @throws what is a finding */
  readonly run: (random: Random) => unknown;
}

/**
 * Runs a target: as many inputs as it names, from its name as the seed; or for FUZZ_SECONDS, from FUZZ_SEED. Each input has a
 * seed of its own, so that a finding names all that it needs.
 * @throws Error with the seed of the input, where `run` throws, and where memory grows
 */
export async function fuzz({ name, count, run }: Fuzzing): Promise<void> {
  const { FUZZ_SECONDS: seconds, FUZZ_SEED: given, FUZZ_ONE: one, FUZZ_RESULTS: results } = process.env;
  const ownSeed = Buffer.from(name).reduce((sum, octet) => (Math.imul(sum, 31) + octet) >>> 0, 7);
  const seeds = new Random(given === undefined ? ownSeed : Number(given));
  const began = Date.now();
  const isOver = (done: number): boolean =>
    seconds === undefined ? done >= count : Date.now() - began >= Number(seconds) * 1000;
  let held: number | undefined;
  let inputs = 0;
  for (; !isOver(inputs); inputs += 1) {
    const seed = one === undefined ? seeds.uint32() : Number(one);
    try {
      await run(new Random(seed));
    } catch (error) {
      throw new Error(`${name}, FUZZ_ONE=${seed}, input ${inputs}: ${describe(error)}`, { cause: error });
    }
    if (one !== undefined) {
      return;
    }
    if (inputs % BATCH === BATCH - 1) {
      await nextTurn();
    }
    const isHalf = seconds === undefined ? inputs >= count / 2 : Date.now() - began >= Number(seconds) * 500;
    held ??= isHalf ? heldOctets() : undefined;
  }
  const growth = heldOctets() - (held ?? 0);
  if (held !== undefined && growth > MAX_GROWTH) {
    throw new Error(`${name}: what is held grew by ${growth} octets in ${inputs} inputs`);
  }
  if (results !== undefined) {
    const cells = [name, String(inputs), `${(growth / 1024 / 1024).toFixed(1)} MiB`, '0'];
    appendFileSync(results, `| ${cells.join(' | ')} |\n`);
  }
}

function heldOctets(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs something that may refuse what it gets. @throws what `isRefusal` does not take for a refusal */
export function refusing<Value>(isRefusal: (error: unknown) => boolean, act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    return undefined;
  }
}
