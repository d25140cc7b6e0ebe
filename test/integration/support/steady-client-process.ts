// SPDX-License-Identifier: MPL-2.0
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { program } from './program';
import type { Running } from './process';
import type { SteadyAnswer, SteadyOptions, SteadyStep } from './steady-client';
import type { CredentialFiles } from './test-pki';
import type { Testbed } from './testbed';
import { CLIENT_INTERFACE, type Topology } from './topology';
import { tree } from './tree';

export interface SteadySettings {
  readonly credentials: CredentialFiles;
  /** Tells the clients of one testbed apart, and gives each its address: 1 to 255. */
  readonly number: number;
}

/** A client that is told what to do, step by step, and keeps its context meanwhile. */
export class SteadyClient {
  private constructor(
    /** Its link-local address. */
    readonly address: string,
    private readonly control: Socket,
    private readonly lines: Interface,
    private readonly running: Running,
  ) {}

  static async start(testbed: Testbed, topology: Topology, settings: SteadySettings): Promise<SteadyClient> {
    const { credentials, number } = settings;
    const address = `fe80::5:${number.toString(16)}`;
    await topology.client.addAddress(CLIENT_INTERFACE, address);
    const control = join(testbed.directory, `steady${number}.sock`);
    const options: SteadyOptions = {
      dist: dirname(dirname(tree.cli)),
      control,
      interface: CLIENT_INTERFACE,
      address,
      ...credentials,
    };
    const running = topology.client.startTree(process.execPath, [
      program('steady-client'),
      JSON.stringify(options),
    ]);
    await running.waitForOutput(/^ready$/m);
    const socket = createConnection(control);
    await once(socket, 'connect');
    testbed.onClose(() => Promise.resolve(socket.destroy()));
    return new SteadyClient(address, socket, createInterface(socket), running);
  }

  /** @param patience milliseconds to wait for an answer; the default is for one that is not to come */
  async take(step: SteadyStep, patience = 3000): Promise<SteadyAnswer> {
    const answer = once(this.lines, 'line');
    this.control.write(`${step} ${patience}\n`);
    const [line] = (await answer) as [string];
    return JSON.parse(line) as SteadyAnswer;
  }

  /** Takes the step again where it is not served: a datagram may be lost on a busy machine. */
  async served(step: SteadyStep, attempts = 24): Promise<SteadyAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.take(step, 5000);
      if (answer.served || attempt === attempts) {
        return answer;
      }
    }
  }

  /** Gives up its port, which the command `kea-encryption client` wants for itself. */
  async stop(): Promise<void> {
    this.control.destroy();
    await this.running.stop();
  }
}
