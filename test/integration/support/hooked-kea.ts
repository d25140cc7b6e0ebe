// SPDX-License-Identifier: MPL-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeaOptions, KeaServer } from './kea';
import { logger, type HookSettings, type KeaObject, type SubnetSettings } from './kea-configuration';
import type { CredentialFiles, TestPki } from './test-pki';
import type { Testbed } from './testbed';
import { branchPrefix, type Topology } from './topology';
import { tree } from './tree';
import { until } from '../../support/until';

/** The subnet of the client's link; with the server's interface where there is no relay between them. */
export function clientSubnet(topology: Topology): SubnetSettings {
  return branchSubnet(topology, 0);
}

/** The subnet of a branch's clients (topology.ts), one for each branch. */
export function branchSubnet(topology: Topology, branch: number): SubnetSettings {
  const prefix = branchPrefix(branch);
  const start = prefix.replace('/64', '');
  return {
    id: branch + 1,
    prefix,
    pool: `${start}1:0-${start}1:ffff`,
    delegated: {
      prefix: `2001:db8:${(0x8000 + 0x100 * branch).toString(16)}::`,
      length: 40,
      delegatedLength: 56,
    },
    ...(topology.relays.length === 0 && { interface: topology.serverSocket.replace(/\/.*/, '') }),
  };
}

/** Where a server listens to such branches, and their subnets. */
export function branchSockets(links: readonly Topology[]): Pick<KeaOptions, 'interfaces' | 'subnets'> {
  return { interfaces: links.map(({ serverSocket }) => serverSocket), subnets: links.map(branchSubnet) };
}

export interface HookedKeaOptions {
  readonly pki: TestPki;
  readonly credentials: CredentialFiles;
  /** Parameters of the hook besides the files, the state directory and the engine's Node.js. */
  readonly parameters?: KeaObject;
  readonly kea?: Partial<KeaOptions>;
}

/** The hook with the parameters that every test needs, and those of this one. */
export function hook(
  testbed: Testbed,
  { pki, credentials, parameters = {} }: Pick<HookedKeaOptions, 'pki' | 'credentials' | 'parameters'>,
): HookSettings {
  const { engine, ...more } = parameters;
  return {
    library: tree.hook,
    parameters: {
      certificate: credentials.certificate,
      'private-key': credentials.privateKey,
      'trust-anchors': [pki.anchors],
      'state-directory': join(testbed.directory, 'state'),
      // One worker, as each loads all of the engine anew: tests of what lies between workers ask for two. On a busy machine
      // an engine is not to be taken for silent.
      engine: { node: process.execPath, workers: 1, timeout: 30_000, ...(engine as KeaObject) },
      ...more,
    },
  };
}

/** Options of a Kea with the hook, for {@link KeaServer}. */
export async function hookedKea(
  testbed: Testbed,
  topology: Topology,
  options: HookedKeaOptions,
): Promise<KeaOptions> {
  await mkdir(join(testbed.directory, 'state'), { recursive: true });
  return {
    namespace: topology.server,
    directory: join(testbed.directory, 'kea'),
    interfaces: [topology.serverSocket],
    subnets: [clientSubnet(topology)],
    hooks: [hook(testbed, options)],
    loggers: [logger('kea-dhcp6'), logger('kea-dhcp6.encryption-hooks', 'DEBUG', 99)],
    ...options.kea,
    env: { RUNTIME_DIRECTORY: testbed.memory, ...options.kea?.env },
  };
}

/** The process id of the engine that the hook has started. */
export function enginePid(kea: KeaServer): Promise<number> {
  return until('the engine', async () => {
    const { stdout } = await kea.run('ps', ['-o', 'pid=', '--ppid', String(kea.pid)]);
    const [pid] = stdout.trim().split(/\s+/);
    return pid === undefined || pid === '' ? undefined : Number(pid);
  });
}
