// SPDX-License-Identifier: MPL-2.0
import type { Namespace } from './namespace';
import type { Running } from './process';
import type { RelayOptions } from './relay';
import { startRelay } from './relay-process';
import type { Testbed } from './testbed';

/** A client, any number of relays in a row, and a server: each a host of its own, each link a cable of its own. */
export interface Topology {
  readonly client: Namespace;
  readonly server: Namespace;
  /** For Kea's interfaces-config: with the address, where a relay sends to it. */
  readonly serverSocket: string;
  /** Relay 1, the one next to the client, first. */
  readonly relays: readonly { readonly namespace: Namespace; readonly process: Running }[];
}

/** The client's interface in every topology. */
export const CLIENT_INTERFACE = 'client0';
/** The server's. */
export const SERVER_INTERFACE = 'server0';
/** The prefix of the client's link, for the server's subnet. */
export const CLIENT_PREFIX = '2001:db8:1::/64';

/** What the relays add besides their Interface-Id, so that a test can see whether it comes back. */
export type RelayExtras = Pick<RelayOptions, 'before' | 'after'>;

/**
 * Lays the cables and starts the relays. Link 0 is the client's (2001:db8:1::/64), link n the one on the server's
 * side of relay n (2001:db8:f000+n::/64); on each, ::1 is the server's side. Relay n's Interface-Id is `relay-n`.
 */
export async function createTopology(
  testbed: Testbed,
  relayCount: number,
  extras: RelayExtras = {},
): Promise<Topology> {
  const server = await testbed.namespace('server');
  return createBranch(testbed, server, { relayCount, extras });
}

export interface BranchOptions {
  readonly relayCount: number;
  readonly extras?: RelayExtras;
  /** Tells the branches of one server apart: the second has 2001:db8:2::/64, `server1` and so on. Default 0. */
  readonly index?: number;
  /** Names the client's link towards the server in place of the first relay's own address there. */
  readonly linkAddress?: string;
  /** Starts what relays on each host, and waits until it does. Default: the relay agent of `relay.ts`. */
  readonly relay?: StartRelay;
}

/** Starts a relay agent in a namespace, with its files in a directory, and waits until it relays. */
export type StartRelay = (namespace: Namespace, directory: string, options: RelayOptions) => Promise<Running>;

/** A client's link of its own and the relays behind it, up to an interface of the server. */
export async function createBranch(
  testbed: Testbed,
  server: Namespace,
  options: BranchOptions,
): Promise<Topology> {
  const { relayCount, extras = {}, index: branch = 0, relay = startRelay } = options;
  const suffix = branch === 0 ? '' : `-${branch}`;
  const client = await testbed.namespace(`client${suffix}`);
  const relayHosts: Namespace[] = [];
  for (let n = 1; n <= relayCount; n += 1) {
    relayHosts.push(await testbed.namespace(`relay${n}${suffix}`));
  }
  const serverInterface = branch === 0 ? SERVER_INTERFACE : `server${branch}`;

  const hosts = [client, ...relayHosts, server];
  for (const [link, near] of hosts.slice(0, -1).entries()) {
    const far = hosts[link + 1] ?? server;
    const nearInterface = near === client ? CLIENT_INTERFACE : 'up';
    const farInterface = far === server ? serverInterface : 'down';
    await testbed.join(near, nearInterface, far, farInterface);
    await far.addAddress(farInterface, `${linkPrefix(branch, link)}::1`);
    if (near !== client) {
      await near.addAddress(nearInterface, `${linkPrefix(branch, link)}::2`);
    }
  }

  const relays = [];
  for (const [index, namespace] of relayHosts.entries()) {
    const ownAddress = `${linkPrefix(branch, index)}::1`;
    const process = await relay(namespace, testbed.directory, {
      downstream: 'down',
      linkAddress: index === 0 ? (options.linkAddress ?? ownAddress) : ownAddress,
      upstreamAddress: `${linkPrefix(branch, index + 1)}::1`,
      interfaceId: `relay-${index + 1}${suffix}`,
      ...extras,
    });
    relays.push({ namespace, process });
  }
  const serverSocket =
    relayCount === 0 ? serverInterface : `${serverInterface}/${linkPrefix(branch, relayCount)}::1`;
  return { client, server, serverSocket, relays };
}

/** @param branch 0 for the first */
export function branchPrefix(branch: number): string {
  return `${linkPrefix(branch, 0)}::/64`;
}

function linkPrefix(branch: number, link: number): string {
  return `2001:db8:${(link === 0 ? branch + 1 : 0xf000 + 0x10 * branch + link).toString(16)}`;
}
