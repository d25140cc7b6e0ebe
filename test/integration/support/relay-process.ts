// SPDX-License-Identifier: MPL-2.0
import type { Namespace } from './namespace';
import { program } from './program';
import type { Running } from './process';
import type { RelayOptions } from './relay';

/** Starts the relay agent of `relay.ts` in a namespace and waits until it relays. */
export async function startRelay(
  namespace: Namespace,
  _directory: string,
  options: RelayOptions,
): Promise<Running> {
  const relay = namespace.start(process.execPath, [program('relay'), JSON.stringify(options)]);
  await relay.waitForOutput(/^relaying$/m);
  return relay;
}
