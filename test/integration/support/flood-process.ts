// SPDX-License-Identifier: MPL-2.0
import { dirname } from 'node:path';
import type { FloodOptions, FloodResult } from './flood';
import { ipv6Octets } from './ipv6-text';
import { program } from './program';
import type { Running } from './process';
import type { CredentialFiles } from './test-pki';
import type { Topology } from './topology';
import { tree } from './tree';

export interface FloodSettings extends Pick<FloodOptions, 'flaw' | 'sources' | 'rate' | 'server' | 'link'> {
  readonly linkAddress: string;
  readonly credentials: CredentialFiles;
}

/** An attacker on the client's host. */
export class Flood {
  private constructor(private readonly running: Running) {}

  static async start(topology: Topology, settings: FloodSettings): Promise<Flood> {
    const { credentials, linkAddress, ...more } = settings;
    const options: FloodOptions = {
      dist: dirname(dirname(tree.cli)),
      ...credentials,
      linkAddress: ipv6Octets(linkAddress).toString('hex'),
      ...more,
    };
    const running = topology.client.startTree(process.execPath, [program('flood'), JSON.stringify(options)]);
    await running.waitForOutput(/^flooding$/m);
    return new Flood(running);
  }

  async stop(): Promise<FloodResult> {
    await this.running.stop();
    return JSON.parse(this.running.stdout.trim().split('\n').at(-1) ?? '') as FloodResult;
  }
}
