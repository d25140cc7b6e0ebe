// SPDX-License-Identifier: MPL-2.0

import { contextMemory } from '../support/context-memory';

/** Octets; some 2700 are needed, and the compiled code of so few contexts weighs on each: `bash bench/run.sh context-memory`. */
const MAX_OCTETS = 4096;
const COUNT = 500;

test('an open context takes no more than 4 KiB', async () => {
  const { contexts, octets, close } = await contextMemory(COUNT, 16);
  close();
  expect(contexts).toBe(COUNT);
  expect(octets).toBeLessThanOrEqual(MAX_OCTETS);
  // What is measured is there.
  expect(octets).toBeGreaterThan(1000);
});
