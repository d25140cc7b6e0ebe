// SPDX-License-Identifier: MPL-2.0

import { contextMemory } from '../test/engine/support/context-memory';

async function main(): Promise<void> {
  const closers: (() => void)[] = [];
  for (const perClient of [1, 16] as const) {
    const { contexts, octets, close } = await contextMemory(Number(process.argv[2] ?? 20_000), perClient);
    closers.push(close);
    console.log(`${contexts} contexts, ${perClient} of each client: ${octets.toFixed(0)} octets`);
  }
  closers.forEach((close) => close());
}

void main();
