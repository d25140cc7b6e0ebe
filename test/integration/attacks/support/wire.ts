// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CLIENT_INTERFACE, program, until, type Namespace, type Testbed } from '../../support';
import type { WireOptions, WireOrder, WireReport } from './wire-process';

const CLIENT_PORT = 546;
const SERVER_PORT = 547;
const GROUP = 'ff02::1:2';

/** From where datagrams are sent. */
export interface Sender {
  readonly address: string;
  readonly port: number;
}

export interface Received {
  readonly at: Sender;
  readonly from: string;
  readonly octets: Buffer;
}

/** A place on a link from which a test sends octets of its own making, and sees what comes back. */
export class Wire {
  readonly received: Received[] = [];
  private readonly orders = new Map<number, (error?: string) => void>();
  private readonly addresses = new Set<string>();
  private last = 0;
  private onReceived: (received: Received) => void = () => undefined;

  private constructor(
    private readonly namespace: Namespace,
    private readonly options: WireOptions,
    private readonly connection: Socket,
  ) {
    createInterface({ input: connection }).on('line', (line) => {
      this.take(JSON.parse(line) as WireReport);
    });
  }

  /** @param place an interface of the namespace, and where datagrams go that name no other destination */
  static async open(
    testbed: Testbed,
    namespace: Namespace,
    place: Partial<Pick<WireOptions, 'interface' | 'destination'>> = {},
  ): Promise<Wire> {
    const options = {
      control: join(testbed.directory, `wire-${randomBytes(3).toString('hex')}`),
      interface: CLIENT_INTERFACE,
      destination: GROUP,
      ...place,
    };
    const running = namespace.start(process.execPath, [program('wire-process'), JSON.stringify(options)]);
    await running.waitForOutput(/^wired$/m);
    const connection = createConnection(options.control);
    await once(connection, 'connect');
    testbed.onClose(() => {
      connection.destroy();
      return Promise.resolve();
    });
    return new Wire(namespace, options, connection);
  }

  /** A client's port at an address that the interface gets if it has not got it. */
  async client(address: string): Promise<Sender> {
    await this.haveAddress(address);
    return { address, port: CLIENT_PORT };
  }

  /** Another port than a client's, at an address that the interface has. */
  at(address: string, port: number): Sender {
    return { address, port };
  }

  async send(datagrams: readonly Buffer[], from: Sender): Promise<void> {
    await this.order({
      source: from.address,
      port: from.port,
      group: '',
      destination: this.options.destination,
      destinationPort: SERVER_PORT,
      datagrams: datagrams.map((octets) => octets.toString('hex')),
    });
  }

  /** Sends to a client, as a server does, from a server's port. */
  async sendToClient(datagram: Buffer, address: string): Promise<void> {
    await this.order({
      source: '::',
      port: SERVER_PORT,
      group: '',
      destination: address,
      destinationPort: CLIENT_PORT,
      datagrams: [datagram.toString('hex')],
    });
  }

  /** Hears what clients on the link multicast, as a server does. */
  async listenAsServer(handler: (received: Received) => void): Promise<void> {
    this.onReceived = handler;
    await this.order({
      source: '::',
      port: SERVER_PORT,
      group: GROUP,
      destination: '::1',
      destinationPort: SERVER_PORT,
      datagrams: [],
    });
  }

  /** Sends a message and gives the answer: what comes to the sender with the same transaction-id. */
  async ask(message: Buffer, from: Sender): Promise<Buffer> {
    const known = this.received.length;
    await this.send([message], from);
    return until(`the answer to a message of type ${message.readUInt8(0)}`, () =>
      this.answerTo(message, from, known),
    );
  }

  /** The answer to a message among what was received but for the first `known` datagrams. */
  answerTo(message: Buffer, from: Sender, known: number): Buffer | undefined {
    const transactionId = message.readUIntBE(1, 3);
    return this.received
      .slice(known)
      .find(
        ({ at, octets: { length }, octets: answer }) =>
          at.address === from.address && length >= 4 && answer.readUIntBE(1, 3) === transactionId,
      )?.octets;
  }

  private async haveAddress(address: string): Promise<void> {
    if (!this.addresses.has(address)) {
      this.addresses.add(address);
      await this.namespace.addAddress(this.options.interface, address);
    }
  }

  private order(order: Omit<WireOrder, 'id'>): Promise<void> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.orders.set(id, (error) => {
        if (error === undefined) {
          resolve();
        } else {
          reject(new Error(error));
        }
      });
      this.connection.write(`${JSON.stringify({ id, ...order })}\n`);
    });
  }

  private take(report: WireReport): void {
    if (report.kind === 'done') {
      this.orders.get(report.id)?.(report.error);
      this.orders.delete(report.id);
      return;
    }
    const [address = '', port = ''] = report.at.split(' ');
    const received = {
      at: { address, port: Number(port) },
      from: report.from,
      octets: Buffer.from(report.octets, 'hex'),
    };
    this.received.push(received);
    this.onReceived(received);
  }
}
