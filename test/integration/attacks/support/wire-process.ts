// SPDX-License-Identifier: MPL-2.0

/**
 * A host on a link that sends whatever octets it is told to, from whatever addresses of its interface, and reports
 * whatever comes back: a program of its own for a network namespace. Orders and reports are lines of JSON on a Unix
 * socket. Argument: one JSON text, see {@link WireOptions}. It prints `wired` once it can be connected to.
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface WireOptions {
  /** Path of the Unix socket. */
  readonly control: string;
  readonly interface: string;
  /** Where datagrams go to that name no other address: All_DHCP_Relay_Agents_and_Servers, or a server's own. */
  readonly destination: string;
}

export interface WireOrder {
  readonly id: number;
  /** An address of the interface, and a port of it. */
  readonly source: string;
  readonly port: number;
  /** Joined on the interface before anything is sent; '' for none. */
  readonly group: string;
  readonly destination: string;
  readonly destinationPort: number;
  /** Hexadecimal; may be none, to listen only. */
  readonly datagrams: readonly string[];
}

export type WireReport =
  | { readonly kind: 'done'; readonly id: number; readonly error?: string }
  | {
      readonly kind: 'received';
      /** Address and port that it came to: as in the order that opened them. */
      readonly at: string;
      readonly from: string;
      readonly octets: string;
    };

function main(options: WireOptions): void {
  const scoped = (address: string): string =>
    /^f[ef][^%]*$/.test(address) ? `${address}%${options.interface}` : address;
  const sockets = new Map<string, Promise<Socket>>();
  let report = (_report: WireReport): void => undefined;

  const open = (order: WireOrder): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = createSocket({ type: 'udp6', reuseAddr: true });
      const at = `${order.source} ${order.port}`;
      socket.on('message', (octets, { address }) => {
        report({ kind: 'received', at, from: address, octets: octets.toString('hex') });
      });
      socket.on('error', reject);
      socket.bind(order.port, scoped(order.source), () => {
        socket.setMulticastInterface(`::%${options.interface}`);
        socket.setMulticastLoopback(true);
        if (order.group !== '') {
          socket.addMembership(order.group, `::%${options.interface}`);
        }
        resolve(socket);
      });
    });

  const obey = async (order: WireOrder): Promise<void> => {
    const name = `${order.source} ${order.port}`;
    const opened = sockets.get(name) ?? open(order);
    sockets.set(name, opened);
    const socket = await opened;
    for (const datagram of order.datagrams) {
      await new Promise<void>((resolve, reject) => {
        socket.send(
          Buffer.from(datagram, 'hex'),
          order.destinationPort,
          scoped(order.destination),
          (error: Error | null) => {
            if (error === null) {
              resolve();
            } else {
              reject(error);
            }
          },
        );
      });
    }
  };

  const server = createServer((connection) => {
    report = (line) => void connection.write(`${JSON.stringify(line)}\n`);
    createInterface({ input: connection }).on('line', (line) => {
      const order = JSON.parse(line) as WireOrder;
      obey(order).then(
        () => {
          report({ kind: 'done', id: order.id });
        },
        (error: unknown) => {
          report({ kind: 'done', id: order.id, error: String(error) });
        },
      );
    });
    connection.on('error', () => undefined);
  });
  server.listen(options.control, () => process.stdout.write('wired\n'));
}

if (require.main === module) {
  main(JSON.parse(process.argv[2] ?? '') as WireOptions);
}
