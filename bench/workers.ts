// SPDX-License-Identifier: MPL-2.0

import { access, withServer } from './bench-server';
import { load } from './load';
import { type Figure, figure } from './measured';
import { rounds, Samples } from './rounds';

/** Clients behind a relay, so that they spread over the workers; more of them in flight than those can serve. */
const scenario = [
  ...['renew', '--fresh-contexts', '--key-type', 'RSA-2048', ...access.relayed],
  ...['--clients', '60', '--in-flight', '60', '--timeout', '250', '--attempts', '40'],
];

/** Opening queries that one worker and two serve: by the budget that each has for them, not by the processors alone. */
export async function measureWorkers(): Promise<Figure[]> {
  const samples = new Samples();
  for (let round = 0; round < rounds; round += 1) {
    for (const workers of [1, 2]) {
      const parameters = { engine: { node: process.execPath, workers, timeout: 500 } };
      await withServer({ keyType: 'RSA-2048', withHook: true, parameters }, async (server) => {
        samples.add(String(workers), (await load(server, scenario)).rate);
      });
    }
  }
  return [
    figure('RSA-2048: opening Renews of one link, one worker', '1/s', samples.of('1')),
    figure('  two workers', '1/s', samples.of('2')),
    figure('  two : one', 'ratio', samples.ratio('2', '1')),
  ];
}
