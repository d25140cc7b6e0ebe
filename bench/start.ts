// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CLIENT_INTERFACE,
  createTopology,
  enginePid,
  hookedKea,
  KeaServer,
  runOk,
  RunningClient,
  SERVER_INTERFACE,
  Testbed,
  TestPki,
} from '../test/integration/support';
import { type Figure, figure } from './measured';
import { processorTime } from './processor-time';
import { rounds, Samples } from './rounds';

/** Milliseconds until a client that has a lease has nothing more to do. */
const settling = 3000;

const node = 'processor time of `node -e 0`';
const client = 'processor time of a client until its first datagram';
const engine = 'processor time of the engine until it is ready, 2 workers';
const bareMemory = 'resident memory of Node.js with nothing to do';
const clientMemory = 'resident memory of `client run` at rest';

/** What it takes to start: a bare Node.js, the client, and the engine with an empty key table. */
export async function measureStart(): Promise<Figure[]> {
  const samples = new Samples();
  for (let round = 0; round < rounds; round += 1) {
    await measureRound(samples);
  }
  return [
    figure(node, 'ms', samples.of(node)),
    figure(client, 'ms', samples.of(client)),
    figure('  client : node', 'ratio', samples.ratio(client, node)),
    figure(engine, 'ms', samples.of(engine)),
    figure('  engine : node', 'ratio', samples.ratio(engine, node)),
    figure(bareMemory, 'MiB', samples.of(bareMemory)),
    figure(clientMemory, 'MiB', samples.of(clientMemory)),
  ];
}

async function measureRound(samples: Samples): Promise<void> {
  const testbed = await Testbed.create();
  try {
    const topology = await createTopology(testbed, 0);
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const { certificate, privateKey } = await pki.client();
    const credentials = ['--certificate', certificate, '--private-key', privateKey];
    const options = ['--dry-run', ...credentials, '--trust-anchors', pki.anchors];
    const start = (): RunningClient => RunningClient.start(topology.client, options);

    await topology.client.waitForLinkLocal(CLIENT_INTERFACE);
    samples.add(node, await bareTime());
    const listener = topology.server.start('socat', [
      '-u',
      `UDP6-RECVFROM:547,ipv6-join-group=[ff02::1:2]:${SERVER_INTERFACE}`,
      'SYSTEM:echo received',
    ]);
    const alone = start();
    await listener.waitForOutput(/received/);
    samples.add(client, processorTime([alone.pid]) / 1000);
    await alone.stop();

    const kea = await KeaServer.start(
      await hookedKea(testbed, topology, {
        pki,
        credentials: await pki.server(),
        parameters: { engine: { workers: 2 } },
      }),
    );
    samples.add(engine, processorTime([await enginePid(kea)]) / 1000);
    const served = start();
    await served.event('bound');
    await new Promise((resolve) => setTimeout(resolve, settling));
    samples.add(clientMemory, residentMebibytes(served.pid));
    samples.add(
      bareMemory,
      Number(await runOk(process.execPath, ['-p', 'process.memoryUsage.rss() / 2 ** 20'])),
    );
    await served.stop();
    await kea.stop();
  } finally {
    await testbed.close();
  }
}

/** Milliseconds, user and system. */
async function bareTime(): Promise<number> {
  const program = '{ TIMEFORMAT="%3U %3S"; time "$0" -e 0; } 2>&1';
  const times = (await runOk('bash', ['-c', program, process.execPath])).split(' ').map(Number);
  return 1000 * times.reduce((sum, time) => sum + time, 0);
}

function residentMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? NaN) / 1024;
}
