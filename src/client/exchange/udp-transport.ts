// SPDX-License-Identifier: MPL-2.0
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, noInterface } from './errors';
import { linkLocalState } from './interface-address';
import type { Transport } from './transport';

/** RFC 8415 sections 7.1 and 7.2. */
const ALL_DHCP_RELAY_AGENTS_AND_SERVERS = 'ff02::1:2';
const CLIENT_PORT = 546;
const SERVER_PORT = 547;

const POLL_MILLISECONDS = 50;

export interface UdpTransportOptions {
  readonly interfaceName: string;
  /** How long to wait for a link-local address that is not tentative, in milliseconds. */
  readonly addressTimeout: number;
  readonly signal?: AbortSignal;
}

/** RFC 8415 section 18.2: a client sends from a link-local address of the interface, which it may not have yet. */
async function waitForLinkLocal(options: UdpTransportOptions): Promise<string> {
  const { interfaceName, addressTimeout, signal } = options;
  const until = performance.now() + addressTimeout;
  for (;;) {
    const found = linkLocalState(await readFile('/proc/net/if_inet6', 'utf8'), interfaceName);
    if (found.state === 'usable') {
      return found.address;
    }
    if (!existsSync(`/sys/class/net/${interfaceName}`) && !(await isInterface(interfaceName))) {
      throw noInterface(interfaceName);
    }
    if (signal?.aborted === true) {
      throw new ClientError('stopped', 'stopped');
    }
    if (performance.now() >= until) {
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

/** In a network namespace without a /sys of its own, /proc/net/dev is right and /sys is not. */
export async function isInterface(name: string): Promise<boolean> {
  const lines = (await readFile('/proc/net/dev', 'utf8')).split('\n');
  return lines.some((line) => line.trimStart().startsWith(`${name}:`));
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

class UdpTransport implements Transport {
  private problem: (error: Error) => void = () => undefined;

  constructor(
    private readonly socket: Socket,
    private readonly destination: string,
  ) {
    socket.on('error', (error) => this.problem(error));
  }

  send(octets: Buffer): void {
    this.socket.send(octets, SERVER_PORT, this.destination, (error) => {
      if (error !== null) {
        this.problem(error);
      }
    });
  }

  onMessage(handler: (octets: Buffer) => void): void {
    this.socket.removeAllListeners('message');
    this.socket.on('message', handler);
  }

  onProblem(handler: (error: Error) => void): void {
    this.problem = handler;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

/**
 * Port 546 of the interface's link-local address, as soon as the interface has one.
 *
 * @throws ClientError `interface-unusable`, `port-unavailable`, `stopped`
 */
export async function openUdpTransport(options: UdpTransportOptions): Promise<Transport> {
  const { interfaceName } = options;
  const address = await waitForLinkLocal(options);
  const socket = createSocket({ type: 'udp6', reuseAddr: true });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: `${address}%${interfaceName}`, port: CLIENT_PORT, exclusive: true });
    await listening;
    socket.setMulticastInterface(`::%${interfaceName}`);
  } catch (error) {
    socket.close();
    throw bindError(error, interfaceName);
  }
  return new UdpTransport(socket, `${ALL_DHCP_RELAY_AGENTS_AND_SERVERS}%${interfaceName}`);
}
