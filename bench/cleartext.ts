// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import {
  CLIENT_INTERFACE,
  createTopology,
  hookedKea,
  KeaServer,
  logger,
  perfdhcp,
  Testbed,
  TestPki,
} from '../test/integration/support';
import { type Figure, figure } from './measured';
import { rounds } from './rounds';

/** More than Kea manages on two cores that it shares with perfdhcp. */
const offeredRate = 20_000;
const seconds = 4;

/**
 * What the hook costs clients that do not encrypt: perfdhcp's 4-way exchanges a second against Kea without and with
 * it, in turns, so that both see the same machine.
 */
export async function measureCleartext(): Promise<Figure[]> {
  const rates: Record<'plain' | 'hooked', number[]> = { plain: [], hooked: [] };
  for (let round = 0; round < rounds; round += 1) {
    rates.plain.push(await exchangeRate(false));
    rates.hooked.push(await exchangeRate(true));
  }
  const ratios = rates.hooked.map((rate, round) => rate / (rates.plain[round] ?? NaN));
  return [
    figure('cleartext 4-way exchanges, Kea alone', '1/s', rates.plain),
    figure('cleartext 4-way exchanges, Kea with the hook', '1/s', rates.hooked),
    figure('with the hook : alone, round by round', 'ratio', ratios),
  ];
}

async function exchangeRate(hooked: boolean): Promise<number> {
  const testbed = await Testbed.create();
  try {
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const topology = await createTopology(testbed, 0);
    const options = await hookedKea(testbed, topology, { pki, credentials: await pki.server() });
    const kea = await KeaServer.start({
      ...options,
      hooks: hooked ? (options.hooks ?? []) : [],
      loggers: [logger('kea-dhcp6', 'WARN'), logger('kea-dhcp6.dhcp6', 'INFO')],
      more: { 'lease-database': { type: 'memfile', persist: false } },
    });
    const { requestReply } = await perfdhcp({
      namespace: topology.client,
      interface: CLIENT_INTERFACE,
      clients: 200_000,
      exchanges: offeredRate * seconds,
      rate: offeredRate,
      more: ['-p', String(seconds)],
    });
    await kea.stop();
    return requestReply.received / seconds;
  } finally {
    await testbed.close();
  }
}
