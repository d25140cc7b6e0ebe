// SPDX-License-Identifier: MPL-2.0
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIpv6 } from '../../dhcpv6';
import { errorText } from '../../support';
import { systemEnvironment } from './environment';
import { ClientError, noInterface } from './errors';
import { linkLocalState } from './interface-address';
import type { Transport, Way } from './transport';
import { unwrapMessage, wrapMessage } from './wrapping';

/** RFC 8415 sections 7.1 and 7.2. */
const ALL_DHCP_RELAY_AGENTS_AND_SERVERS = 'ff02::1:2';
const CLIENT_PORT = 546;
const SERVER_PORT = 547;

const POLL_MILLISECONDS = 50;

/** Of /proc, so nothing is waited for; without the threads, and the memory, that asynchronous reading begins with. */
const readKernel = (name: string): string => readFileSync(`/proc/net/${name}`, 'latin1');

export interface UdpTransportOptions {
  readonly interfaceName: string;
  /** How long to wait for a link-local address that is not tentative, in milliseconds. */
  readonly addressTimeout: number;
  readonly signal?: AbortSignal;
}

/** RFC 8415 section 18.2: a client sends from a link-local address of the interface, which it may not have yet. */
async function waitForLinkLocal(options: UdpTransportOptions): Promise<string> {
  const { interfaceName, addressTimeout, signal } = options;
  const until = systemEnvironment.monotonic() + addressTimeout;
  for (;;) {
    const found = linkLocalState(readKernel('if_inet6'), interfaceName);
    if (found.state === 'usable') {
      return found.address;
    }
    if (!existsSync(`/sys/class/net/${interfaceName}`) && !(await isInterface(interfaceName))) {
      throw noInterface(interfaceName);
    }
    if (signal?.aborted === true) {
      throw new ClientError('stopped', 'stopped');
    }
    if (systemEnvironment.monotonic() >= until) {
      const why = {
        tentative: 'is still tentative',
        duplicate: 'is in use by another host (duplicate address detection failed)',
        absent: 'does not exist: is the interface up, and IPv6 enabled on it?',
      }[found.state];
      throw new ClientError('interface-unusable', `the link-local address of ${interfaceName} ${why}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/** The link-local address of an interface, as text; undefined if there is none that can be used. */
export function linkLocalAddress(interfaceName: string): Promise<string | undefined> {
  const found = linkLocalState(readKernel('if_inet6'), interfaceName);
  return Promise.resolve(found.state === 'usable' ? found.address : undefined);
}

/** In a network namespace without a /sys of its own, /proc/net/dev is right and /sys is not. */
export function isInterface(name: string): Promise<boolean> {
  const lines = readKernel('dev').split('\n');
  return Promise.resolve(lines.some((line) => line.trimStart().startsWith(`${name}:`)));
}

/** The errors of binding if the interface was removed or recreated after its address was looked up. */
const vanished: readonly string[] = ['EADDRNOTAVAIL', 'ENODEV', 'ENXIO', 'EINVAL'];

function bindError(error: unknown, interfaceName: string): ClientError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (vanished.includes(code)) {
    const message = `the interface ${interfaceName} or its address went away meanwhile`;
    return new ClientError('interface-unusable', message, { cause: error });
  }
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'permission denied: run it as root or with the capability CAP_NET_BIND_SERVICE'
      : code === 'EADDRINUSE'
        ? 'another DHCPv6 client has it'
        : String(error);
  return new ClientError(
    'port-unavailable',
    `cannot bind UDP port ${CLIENT_PORT} on ${interfaceName}: ${why}`,
    { cause: error },
  );
}

/** Binds a port of the interface's link-local address. @throws the socket's error */
async function bindPort(address: string, interfaceName: string, port: number): Promise<Socket> {
  // All names are addresses: without node:dns, which would take another 0.4 MiB.
  const socket = createSocket({
    type: 'udp6',
    reuseAddr: true,
    lookup: (name, _, found) => found(null, name, 6),
  });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: `${address}%${interfaceName}`, port, exclusive: true });
    await listening;
    socket.setMulticastInterface(`::%${interfaceName}`);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

class UdpTransport implements Transport {
  private problem: (error: Error) => void = () => undefined;
  private receive: (octets: Buffer, way: Way) => void = () => undefined;
  /** Of port 547, from the first wrapped message on; undefined in it if the port cannot be bound. */
  private relaySocket: Promise<Socket | undefined> | undefined;
  private readonly linkLocalAddress: Buffer;

  constructor(
    private readonly socket: Socket,
    private readonly address: string,
    private readonly interfaceName: string,
  ) {
    this.linkLocalAddress = parseIpv6(address);
    socket.on('error', (error) => this.problem(error));
    socket.on('message', (octets) => this.receive(octets, 'plain'));
  }

  send(octets: Buffer, way: Way = 'plain'): void {
    if (way === 'plain') {
      this.sendFrom(this.socket, octets);
      return;
    }
    this.relaySocket ??= this.openRelaySocket();
    void this.relaySocket.then((socket) => {
      if (socket !== undefined) {
        this.sendFrom(socket, wrapMessage(octets, this.linkLocalAddress));
      }
    });
  }

  onMessage(handler: (octets: Buffer, way: Way) => void): void {
    this.receive = handler;
  }

  onProblem(handler: (error: Error) => void): void {
    this.problem = handler;
  }

  async close(): Promise<void> {
    await Promise.all([this.socket, await this.relaySocket].map(closed));
  }

  private sendFrom(socket: Socket, octets: Buffer): void {
    const destination = `${ALL_DHCP_RELAY_AGENTS_AND_SERVERS}%${this.interfaceName}`;
    socket.send(octets, SERVER_PORT, destination, (error) => {
      if (error !== null) {
        this.problem(error);
      }
    });
  }

  /** docs/protocol.md 5.3: a relay agent, or a server, sends the answer to the port that the wrapped message came from. */
  private async openRelaySocket(): Promise<Socket | undefined> {
    try {
      const socket = await bindPort(this.address, this.interfaceName, SERVER_PORT);
      socket.on('error', (error) => this.problem(error));
      socket.on('message', (octets) => {
        const message = unwrapMessage(octets, this.linkLocalAddress);
        if (message !== undefined) {
          this.receive(message, 'wrapped');
        }
      });
      return socket;
    } catch (error) {
      this.problem(
        new Error(`no message goes wrapped in a Relay-forward: UDP port ${SERVER_PORT}: ${errorText(error)}`),
      );
      return undefined;
    }
  }
}

async function closed(socket: Socket | undefined): Promise<void> {
  if (socket !== undefined) {
    const end = once(socket, 'close');
    socket.close();
    await end;
  }
}

/**
 * Port 546 of the interface's link-local address, as soon as the interface has one; port 547 as well from the first
 * wrapped message on.
 *
 * @throws ClientError `interface-unusable`, `port-unavailable`, `stopped`
 */
export async function openUdpTransport(options: UdpTransportOptions): Promise<Transport> {
  const { interfaceName } = options;
  const address = await waitForLinkLocal(options);
  try {
    return new UdpTransport(await bindPort(address, interfaceName, CLIENT_PORT), address, interfaceName);
  } catch (error) {
    throw bindError(error, interfaceName);
  }
}
