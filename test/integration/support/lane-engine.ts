// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import type { HookLane } from '../../bridge/support/hook-lane';
import { HookPeer } from '../../bridge/support/hook-peer';
import { dropReasons } from '../../../src/engine';
import type { Verdict } from '../../../src/engine/packet/verdict';
import type { RawEngine } from '../../engine/support/issued';
import { tree } from './tree';
import { until } from '../../support/until';
import { Running } from './process';
import type { Testbed } from './testbed';

/** The engine in a process of its own, without Kea: a hook's end of its control connection and of a lane to each worker. */
export class LaneEngine implements RawEngine {
  /** The worker that gets the next messages. */
  worker = 0;
  /** Milliseconds by which the engine's clock is ahead of the machine's. */
  ahead = 0;
  private readonly lanes = new Map<number, HookLane>();

  private constructor(
    private readonly peer: HookPeer,
    /** The engine's own settings. */
    private readonly config: string,
    readonly log: readonly string[],
  ) {}

  static async start(testbed: Testbed, env: NodeJS.ProcessEnv = {}): Promise<LaneEngine> {
    const socket = `${testbed.directory}/engine.sock`;
    const config = `${testbed.directory}/engine.conf`;
    const args = ['engine', '--socket', socket, '--config', config];
    const running = new Running(process.execPath, [tree.cli, ...args], { env });
    testbed.onClose(() => running.stop());
    const log: string[] = [];
    const peer = await until('the engine to listen', () => {
      try {
        return HookPeer.connect(socket, { log: (_, text) => log.push(text) });
      } catch {
        return undefined;
      }
    });
    testbed.onClose(() => {
      peer.close();
      return Promise.resolve();
    });
    return new LaneEngine(peer, config, log);
  }

  get now(): number {
    return Date.now() + this.ahead;
  }

  set now(_: number) {
    // The engine's own clock goes by itself.
  }

  /**
   * @param configuration with the parameters, which become the engine's own
   * @returns why the configuration was refused; undefined where it was not
   */
  async configure({ parameters, ...told }: Readonly<Record<string, unknown>>): Promise<string | undefined> {
    await writeFile(this.config, JSON.stringify(parameters), { mode: 0o600 });
    const { accepted, text } = await this.peer.configure(JSON.stringify(told));
    if (!accepted) {
      return text;
    }
    return undefined;
  }

  async command(command: string): Promise<{ readonly result: number; readonly text: string }> {
    const answer = await this.peer.command(JSON.stringify({ command }));
    return JSON.parse(answer) as { result: number; text: string };
  }

  async receive(octets: Buffer, { source }: { readonly source: Buffer }): Promise<Verdict> {
    const packet = { mode: 1, interfaceIndex: 2, source, octets } as const;
    const verdict = await this.lane.receive(packet);
    const { action, handle, text } = verdict;
    switch (action) {
      case 'drop':
        return { action, reason: dropReasons[verdict.reason] ?? 'internal-error', text };
      case 'reply':
        return { action, octets: verdict.octets, text };
      case 'replace':
        return {
          action,
          octets: verdict.octets,
          credential: 'certificate',
          handle,
          text,
          sender: verdict.sender,
        };
    }
  }

  async seal(handle: number, answer: Buffer): Promise<Buffer | undefined> {
    const sealed = await this.lane.send(handle, answer);
    return sealed.action === 'replace' ? sealed.octets : undefined;
  }

  private get lane(): HookLane {
    const lane = this.lanes.get(this.worker) ?? this.peer.openLane(this.worker);
    this.lanes.set(this.worker, lane);
    return lane;
  }
}
