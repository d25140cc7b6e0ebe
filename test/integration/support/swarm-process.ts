// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { program } from './program';
import type { Running } from './process';
import type { SwarmMember, SwarmOptions, SwarmReady, SwarmReplay, SwarmResult } from './swarm';
import type { CredentialFiles, TestPki } from './test-pki';
import type { Testbed } from './testbed';
import { CLIENT_INTERFACE, type Topology } from './topology';
import { tree } from './tree';
import { until } from '../../support/until';

export interface SwarmSettings {
  readonly pki: TestPki;
  /** One client for each; it shows the certificate, or with `bareKey` the public key. */
  readonly clients: readonly (CredentialFiles & {
    readonly bareKey?: boolean;
    readonly clientIdentifier?: string;
  })[];
  readonly serverName: string;
  /** Default A. */
  readonly solution?: 'A' | 'B';
  /** Milliseconds over which the clients start. */
  readonly spread: number;
  /**
   * Clients lease and renew until `end`; the first one only asks whether the server is there, and replays what
   * others have sent.
   */
  readonly repeat?: boolean;
}

const ATTACKER = 'fe80::bad';

/** Clients that have been started, and what they got so far. */
export class Swarm {
  private readonly parsed: (SwarmResult | SwarmReplay | SwarmReady)[] = [];
  private readTo = 0;

  private constructor(private readonly running: Running) {}

  /** Gives the client's interface an address for each client and starts them all. */
  static async start(testbed: Testbed, topology: Topology, settings: SwarmSettings): Promise<Swarm> {
    const members: SwarmMember[] = [];
    for (const [index, client] of settings.clients.entries()) {
      const address = `fe80::c:${(index + 1).toString(16)}`;
      await topology.client.addAddress(CLIENT_INTERFACE, address);
      members.push({ ...client, address, bareKey: client.bareKey ?? false });
    }
    if (settings.repeat === true) {
      await topology.client.addAddress(CLIENT_INTERFACE, ATTACKER);
    }
    const options: SwarmOptions = {
      dist: dirname(dirname(tree.cli)),
      interface: CLIENT_INTERFACE,
      anchors: settings.pki.anchors,
      serverName: settings.serverName,
      solution: settings.solution ?? 'A',
      spread: settings.spread,
      members,
      ...(settings.repeat === true && { repeat: { attacker: ATTACKER } }),
    };
    const file = join(testbed.directory, `${topology.client.name}.swarm.json`);
    await writeFile(file, JSON.stringify(options));
    const running = topology.client.startTree(process.execPath, [program('swarm'), file]);
    if (settings.repeat === true) {
      await running.waitForOutput(/^\{"ready":true\}$/m);
    }
    return new Swarm(running);
  }

  /** Of the clients that are done so far. */
  get results(): readonly SwarmResult[] {
    return this.lines.filter((line): line is SwarmResult => 'member' in line);
  }

  /**
   * To be called when the server has just been killed.
   * @returns what became of replays, once the server is there again
   */
  replayOnceServed(): Promise<SwarmReplay> {
    const replays = (): readonly SwarmReplay[] =>
      this.lines.filter((line): line is SwarmReplay => 'replayed' in line);
    const before = replays().length;
    this.running.signal('SIGUSR2');
    return until('the server to serve again', () => replays()[before]);
  }

  /** Has clients that repeat end after their present exchange. */
  end(): Promise<readonly SwarmResult[]> {
    this.running.signal('SIGTERM');
    return this.finish();
  }

  /** What was printed so far; a long run prints much, and is asked often. */
  private get lines(): readonly (SwarmResult | SwarmReplay | SwarmReady)[] {
    const { stdout } = this.running;
    const end = stdout.lastIndexOf('\n') + 1;
    for (const line of stdout.slice(this.readTo, end).split('\n').slice(0, -1)) {
      this.parsed.push(JSON.parse(line) as SwarmResult | SwarmReplay | SwarmReady);
    }
    this.readTo = end;
    return this.parsed;
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
