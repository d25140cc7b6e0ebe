// SPDX-License-Identifier: MPL-2.0
import { leaseEvents } from './client';

/** `node build/library/main.js INTERFACE CERTIFICATE PRIVATE-KEY TRUST-ANCHORS`, until SIGINT or SIGTERM. */
async function main([interfaceName, certificate, privateKey, trustAnchors]: string[]): Promise<void> {
  if (!interfaceName || !certificate || !privateKey || !trustAnchors) {
    throw new Error('INTERFACE CERTIFICATE PRIVATE-KEY TRUST-ANCHORS are expected');
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  const settings = { interfaceName, certificate, privateKey, trustAnchors };
  for await (const event of leaseEvents(settings, stop.signal)) {
    const lease = 'lease' in event ? event.lease : undefined;
    const addresses = lease?.addresses.flatMap(({ items }) => items.map(({ address }) => address)) ?? [];
    console.log([event.type, ...addresses].join(' '));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
