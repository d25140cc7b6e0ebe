// SPDX-License-Identifier: MPL-2.0
import { contextMemory } from '../../support/context-memory';

/** Writes what each of so many contexts (argument 1) of clients with so many each (argument 2) takes, as JSON. */
async function main([contexts, perClient]: readonly number[]): Promise<void> {
  const { close, ...memory } = await contextMemory(contexts ?? 0, perClient ?? 0);
  close();
  console.log(JSON.stringify(memory));
}

void main(process.argv.slice(2).map(Number));
