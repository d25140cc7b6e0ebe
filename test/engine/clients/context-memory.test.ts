// SPDX-License-Identifier: MPL-2.0

import { spawnSync } from 'node:child_process';
import { compiledFor } from '../support/compiled';
import type { ContextMemory } from '../support/context-memory';

const programs = 'test/engine/clients/programs';
const compiled = compiledFor('src', 'test/engine/support', programs);

/** Octets; some 2700 are needed, and the compiled code of so few contexts weighs on each: `bash bench/run.sh context-memory`. */
const MAX_OCTETS = 4096;
const COUNT = 500;

/** In a process of its own: in this one, what other tests have left is let go at any time, and taken off the figure. */
test('an open context takes no more than 4 KiB', () => {
  const program = compiled.program(`${programs}/context-memory.ts`);
  const { stdout, stderr } = spawnSync(process.execPath, [program, String(COUNT), '16'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { contexts, octets } = JSON.parse(stdout) as ContextMemory;
  expect(contexts).toBe(COUNT);
  expect(octets).toBeLessThanOrEqual(MAX_OCTETS);
  // What is measured is there.
  expect(octets).toBeGreaterThan(1000);
});
