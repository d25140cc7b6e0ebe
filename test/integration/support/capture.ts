// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';
import { udpDatagrams, type Datagram } from './datagrams';
import type { Namespace } from './namespace';
import { readPcap } from './pcap';
import type { Running } from './process';
import { until } from '../../support/until';

/** What tcpdump says when it is asked, and at its end. */
const COUNTS =
  /(\d+) packets? captured[,\s]+(\d+) packets? received by filter[,\s]+(\d+) packets? dropped by kernel/g;

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

  /** Ends the capture and gives the frames it saw, all that have passed the interface so far. */
  async stop(): Promise<Buffer[]> {
    await this.catchUp();
    await this.tcpdump.stop('SIGINT');
    if (this.counts().at(-1)?.lost !== 0) {
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

  /** Until tcpdump has read what the kernel keeps for it: at its end, it would leave that unread. */
  private async catchUp(): Promise<void> {
    await until('tcpdump to catch up', async () => {
      const answers = this.counts().length;
      this.tcpdump.signal('SIGUSR1');
      const last = await until('the counts of tcpdump', () => this.counts()[answers]);
      return last.captured === last.received;
    });
  }

  private counts(): { captured: number; received: number; lost: number }[] {
    return [...this.tcpdump.stderr.matchAll(COUNTS)].map(([, captured, received, lost]) => ({
      captured: Number(captured),
      received: Number(received),
      lost: Number(lost),
    }));
  }
}
