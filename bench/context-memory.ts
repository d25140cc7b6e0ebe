// SPDX-License-Identifier: MPL-2.0

import { contextMemory } from '../test/engine/support/context-memory';

async function main(): Promise<void> {
  for (const perClient of [1, 16] as const) {
    const { contexts, octets } = await contextMemory(Number(process.argv[2] ?? 20_000), perClient);
    console.log(`${contexts} contexts, ${perClient} of each client: ${octets.toFixed(0)} octets`);
  }
}

void main();
