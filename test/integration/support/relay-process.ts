// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import type { Namespace } from './namespace';
import type { Running } from './process';
import type { RelayOptions } from './relay';
import { transpile } from './transpile';

/** Starts the relay agent of `relay.ts` in a namespace and waits until it relays. */
export async function startRelay(
  namespace: Namespace,
  directory: string,
  options: RelayOptions,
): Promise<Running> {
  const program = await transpile(join(__dirname, 'relay.ts'), directory);
  const relay = namespace.start(process.execPath, [program, JSON.stringify(options)]);
  await relay.waitForOutput(/^relaying$/m);
  return relay;
}
