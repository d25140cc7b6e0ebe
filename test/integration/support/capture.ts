// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';
import { udpDatagrams, type Datagram } from './datagrams';
import type { Namespace } from './namespace';
import { readPcap } from './pcap';
import type { Running } from './process';

/** tcpdump on one interface, from the moment `start` resolves. */
export class Capture {
  private constructor(
    private readonly tcpdump: Running,
    /** The pcap file, readable after `stop`. */
    readonly file: string,
  ) {}

  static async start(namespace: Namespace, interfaceName: string, file: string): Promise<Capture> {
    // No filter on ports: only the first fragment of a datagram shows them.
    const args = ['-Z', 'root', '-i', interfaceName, '-s', '0', '--immediate-mode', '-U', '-w', file, 'ip6'];
    const tcpdump = namespace.start('tcpdump', args);
    await tcpdump.waitForOutput(/listening on/);
    return new Capture(tcpdump, file);
  }

  /** Ends the capture and gives the frames it saw. */
  async stop(): Promise<Buffer[]> {
    await this.tcpdump.stop('SIGINT');
    const lost = /(\d+) packets? dropped by kernel/.exec(this.tcpdump.stderr)?.[1];
    if (lost !== '0') {
      throw new Error(`the capture is not complete: ${this.tcpdump.outcome()}`);
    }
    return readPcap(await readFile(this.file));
  }

  /** Ends the capture and gives the UDP datagrams it saw, whole. */
  async stopForDatagrams(): Promise<Datagram[]> {
    return udpDatagrams(await this.stop());
  }

  /** Ends the capture and gives what was in the UDP datagrams. */
  async stopForPayloads(): Promise<Buffer[]> {
    return (await this.stopForDatagrams()).map(({ payload }) => payload);
  }
}
