// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import type { IssuedKeyType } from '../src/pki';
import {
  CLIENT_INTERFACE,
  createTopology,
  enginePid,
  hookedKea,
  type KeaObject,
  KeaServer,
  logger,
  type Namespace,
  runOk,
  Testbed,
  TestPki,
  tree,
} from '../test/integration/support';

/** A Kea to put load on, with the clients' side of its link. */
export interface BenchServer {
  readonly client: Namespace;
  readonly kea: KeaServer;
  /** undefined if Kea runs without the hook. */
  readonly enginePid: number | undefined;
  /** Directory of the authority that certifies the clients. */
  readonly authority: string;
}

export interface BenchServerOptions {
  /** Of the server's, the authority's and the clients' keys. */
  readonly keyType: IssuedKeyType;
  readonly withHook: boolean;
  /** Parameters of the hook, besides those that it needs. */
  readonly parameters?: KeaObject;
}

const relayAddress = '2001:db8:1::2';
/** Milliseconds: a key table of a million takes its time. */
const startTimeout = 120_000;

const serverAddress = '2001:db8:1::1';

/** How `perf` reaches the server: directly, or as the relay agent of clients with an address each. */
export const access = {
  direct: ['--interface', CLIENT_INTERFACE],
  relayed: ['--relay', relayAddress, '--server', serverAddress],
} as const;

/** Starts a server of its own, without leases on the disk and without a word per packet in its log; stops it after. */
export async function withServer<Result>(
  { keyType, withHook, parameters = {} }: BenchServerOptions,
  measure: (server: BenchServer) => Promise<Result>,
): Promise<Result> {
  const testbed = await Testbed.create();
  try {
    const topology = await createTopology(testbed, 0);
    await topology.client.addAddress(CLIENT_INTERFACE, relayAddress);
    const authority = join(testbed.directory, 'authority');
    const init = ['pki', 'init', '--directory', authority, '--key-type', keyType];
    await runOk(process.execPath, [tree.cli, ...init]);
    const pki = await TestPki.create(join(testbed.directory, 'pki'), { keyType });
    const options = await hookedKea(testbed, topology, {
      pki,
      credentials: await pki.server('dhcp.example.net', { keyType }),
      parameters: { 'trust-anchors': [join(authority, 'ca.pem')], ...parameters },
    });
    const kea = await KeaServer.start({
      ...options,
      startTimeout,
      interfaces: [topology.serverSocket, `${topology.serverSocket}/${serverAddress}`],
      hooks: withHook ? (options.hooks ?? []) : [],
      loggers: [logger('kea-dhcp6', 'WARN'), logger('kea-dhcp6.dhcp6', 'INFO')],
      more: { 'lease-database': { type: 'memfile', persist: false } },
    });
    const engine = withHook ? await enginePid(kea) : undefined;
    const result = await measure({ client: topology.client, kea, enginePid: engine, authority });
    await kea.stop();
    return result;
  } finally {
    await testbed.close();
  }
}
