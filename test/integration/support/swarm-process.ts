// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Running } from './process';
import type { SwarmMember, SwarmOptions, SwarmResult } from './swarm';
import type { CredentialFiles, TestPki } from './test-pki';
import type { Testbed } from './testbed';
import { CLIENT_INTERFACE, type Topology } from './topology';
import { transpile } from './transpile';
import { tree } from './tree';

export interface SwarmSettings {
  readonly pki: TestPki;
  /** One client for each; it shows the certificate, or with `bareKey` the public key. */
  readonly clients: readonly (CredentialFiles & { readonly bareKey?: boolean })[];
  readonly serverName: string;
  /** Milliseconds over which the clients start. */
  readonly spread: number;
}

/** Clients that have been started, and what they got so far. */
export class Swarm {
  private constructor(private readonly running: Running) {}

  /** Gives the client's interface an address for each client and starts them all. */
  static async start(testbed: Testbed, topology: Topology, settings: SwarmSettings): Promise<Swarm> {
    const members: SwarmMember[] = [];
    for (const [index, { certificate, privateKey, bareKey = false }] of settings.clients.entries()) {
      const address = `fe80::c:${(index + 1).toString(16)}`;
      await topology.client.addAddress(CLIENT_INTERFACE, address);
      members.push({ address, certificate, privateKey, bareKey });
    }
    const options: SwarmOptions = {
      dist: dirname(dirname(tree.cli)),
      interface: CLIENT_INTERFACE,
      anchors: settings.pki.anchors,
      serverName: settings.serverName,
      spread: settings.spread,
      members,
    };
    const program = await transpile(join(__dirname, 'swarm.ts'), testbed.directory);
    const file = join(testbed.directory, 'swarm.json');
    await writeFile(file, JSON.stringify(options));
    return new Swarm(topology.client.startTree(process.execPath, [program, file]));
  }

  /** Of the clients that are done so far. */
  get results(): readonly SwarmResult[] {
    const lines = this.running.stdout.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as SwarmResult);
  }

  /** What all clients got, once they are done. */
  async finish(): Promise<readonly SwarmResult[]> {
    const { code } = await this.running.exited;
    if (code !== 0) {
      throw new Error(`the swarm failed: ${this.running.outcome()}`);
    }
    return [...this.results].sort((a, b) => a.member - b.member);
  }
}
