// SPDX-License-Identifier: MPL-2.0

import { contextMemory } from '../support/context-memory';

/** Octets; some 2800 are needed (`bash bench/run.sh context-memory`), and the compiled code of so few weighs on each. */
const MAX_OCTETS = 4096;
const COUNT = 800;

test.each([
  ['of a client each', 1],
  ['of clients with 16 each', 16],
])('an open context %s takes no more than 4 KiB', async (_, perClient) => {
  const { contexts, octets } = await contextMemory(COUNT, perClient);
  expect(contexts).toBe(COUNT);
  expect(octets).toBeLessThanOrEqual(MAX_OCTETS);
  // What is measured is there.
  expect(octets).toBeGreaterThan(1000);
});
