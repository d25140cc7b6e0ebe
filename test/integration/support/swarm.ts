// SPDX-License-Identifier: MPL-2.0

/**
 * Many encrypted clients at once in one process, as a program of its own for a network namespace. Each has a
 * link-local address, a socket and a credential of its own, as if it were a host. Clients are the project's own,
 * from the tree under test.
 *
 * Arguments: the path of a JSON file, see {@link SwarmOptions}. It prints one JSON line for each client that is done.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as clientRoom from '../../../src/client';
import type * as cryptoRoom from '../../../src/crypto';
import type * as pkiRoom from '../../../src/pki';

export interface SwarmMember {
  /** A link-local address that the interface has. */
  readonly address: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Shows its public key instead of its certificate. */
  readonly bareKey: boolean;
}

export interface SwarmOptions {
  /** The directory that holds the compiled rooms. */
  readonly dist: string;
  readonly interface: string;
  readonly anchors: string;
  readonly serverName: string;
  /** Milliseconds over which the clients start. */
  readonly spread: number;
  readonly members: readonly SwarmMember[];
}

export interface SwarmResult {
  readonly member: number;
  /** What the client got, or why it got nothing. */
  readonly clientIdentifier: string;
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly error?: string;
}

const CLIENT_PORT = 546;
const SERVER_PORT = 547;
const GROUP = 'ff02::1:2';

async function openTransport(address: string, interfaceName: string): Promise<clientRoom.Transport> {
  const socket = createSocket('udp6');
  const listening = once(socket, 'listening');
  socket.bind(CLIENT_PORT, `${address}%${interfaceName}`);
  await listening;
  socket.setMulticastInterface(`::%${interfaceName}`);
  return {
    send: (octets) => socket.send(octets, SERVER_PORT, `${GROUP}%${interfaceName}`),
    onMessage: (handler) => socket.removeAllListeners('message').on('message', handler),
    onProblem: (handler) => socket.on('error', handler),
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

async function main(options: SwarmOptions): Promise<void> {
  const room = (name: string): Promise<unknown> => import(join(options.dist, name, 'index.js'));
  const { DhcpClient, systemEnvironment } = (await room('client')) as typeof clientRoom;
  const { deriveDuid } = (await room('crypto')) as typeof cryptoRoom;
  const { loadIdentity, loadTrustStore } = (await room('pki')) as typeof pkiRoom;
  const trust = loadTrustStore({ anchors: [options.anchors], intermediates: [], crls: [] });

  const runOne = async (settings: SwarmMember, member: number): Promise<SwarmResult> => {
    const { privateKey, chain } = loadIdentity({ ...settings, purpose: 'client', now: Date.now() });
    const clientIdentifier = deriveDuid(privateKey.public.spki);
    const base = { member, clientIdentifier: clientIdentifier.toString('hex') };
    const transport = await openTransport(settings.address, options.interface);
    try {
      const client = new DhcpClient({
        solution: 'A',
        signer: { key: privateKey, chain: settings.bareKey ? [] : chain },
        privateSigner: undefined,
        trust: { store: trust, pins: undefined, serverName: options.serverName },
        wishes: {
          clientIdentifier,
          iaid: member,
          address: true,
          prefix: true,
          rapidCommit: false,
          fqdn: undefined,
        },
        patience: 60_000,
        environment: systemEnvironment,
        transport,
        notice: () => undefined,
      });
      const lease = await client.obtain();
      return {
        ...base,
        addresses: lease.addresses.flatMap(({ items }) => items.map(({ address }) => address)),
        prefixes: lease.prefixes.flatMap(({ items }) => items.map(({ prefix }) => prefix)),
      };
    } catch (error) {
      return { ...base, addresses: [], prefixes: [], error: String(error) };
    } finally {
      await transport.close();
    }
  };

  const { members, spread } = options;
  await Promise.all(
    members.map(async (settings, member) => {
      await new Promise((resolve) => setTimeout(resolve, (spread * member) / members.length));
      process.stdout.write(`${JSON.stringify(await runOne(settings, member))}\n`);
    }),
  );
}

if (require.main === module) {
  void main(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SwarmOptions);
}
