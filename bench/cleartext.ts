// SPDX-License-Identifier: MPL-2.0

import { perfdhcp } from '../test/integration/support';
import { type BenchServer, withServer } from './bench-server';
import { type Figure, figure } from './measured';
import { processorTime } from './processor-time';
import { rounds, Samples } from './rounds';

/** More than Kea manages on two cores that it shares with perfdhcp. */
const offeredRate = 30_000;

/** The same in each slice (`base`): there are no more than 65 536 addresses. */
const clients = 30_000;

/** Of one slice; short, so that what disturbs the machine meets both servers. */
const seconds = 1;

/** Of four slices each: alone, hooked, hooked, alone, so that a trend takes from both alike. */
const groupsPerRound = 6;

const kinds = ['plain', 'hooked'] as const;
type Kind = (typeof kinds)[number];
const order = ['plain', 'hooked', 'hooked', 'plain'] as const satisfies readonly Kind[];

/**
 * What the hook costs clients that do not encrypt: perfdhcp's 4-way exchanges against Kea without and with it, which run
 * beside each other and have the load by turns.
 */
export async function measureCleartext(): Promise<Figure[]> {
  const samples = new Samples();
  for (let round = 0; round < rounds; round += 1) {
    await withServer({ keyType: 'P-256', withHook: false }, (plain) =>
      withServer({ keyType: 'P-256', withHook: true }, (hooked) => measureRound({ plain, hooked }, samples)),
    );
  }
  return [
    figure('cleartext 4-way exchanges, Kea alone', '1/s', samples.of('plain rate')),
    figure('cleartext 4-way exchanges, Kea with the hook', '1/s', samples.of('hooked rate')),
    figure('  with the hook : alone', 'ratio', samples.ratio('hooked rate', 'plain rate')),
    figure('server CPU of one, Kea alone', 'µs', samples.of('plain cost')),
    figure('server CPU of one, Kea with the hook', 'µs', samples.of('hooked cost')),
    figure('  with the hook : alone', 'ratio', samples.ratio('hooked cost', 'plain cost')),
  ];
}

async function measureRound(servers: Readonly<Record<Kind, BenchServer>>, samples: Samples): Promise<void> {
  for (const kind of kinds) {
    await measureSlice(servers[kind]);
  }
  for (let group = 0; group < groupsPerRound; group += 1) {
    const served = { plain: 0, hooked: 0 };
    const spent = { plain: 0, hooked: 0 };
    for (const kind of order) {
      const slice = await measureSlice(servers[kind]);
      served[kind] += slice.served;
      spent[kind] += slice.spent;
    }
    for (const kind of kinds) {
      samples.add(`${kind} rate`, served[kind] / (2 * seconds));
      samples.add(`${kind} cost`, spent[kind] / served[kind]);
    }
  }
}

/** @returns exchanges, and microseconds of processor time for them */
async function measureSlice({
  client,
  kea,
  enginePid,
}: BenchServer): Promise<{ readonly served: number; readonly spent: number }> {
  const pids = enginePid === undefined ? [kea.pid] : [kea.pid, enginePid];
  const before = processorTime(pids);
  const { requestReply } = await perfdhcp({
    namespace: client,
    base: 'duid=000300010200000000000000',
    clients,
    exchanges: offeredRate * seconds,
    rate: offeredRate,
    isLossy: true,
    more: ['-p', String(seconds)],
  });
  return { served: requestReply.received, spent: processorTime(pids) - before };
}
