// SPDX-License-Identifier: MPL-2.0
import type { Namespace } from './namespace';
import type { Exit, Running } from './process';
import { CLIENT_INTERFACE } from './topology';
import { tree } from './tree';
import { until } from '../../support/until';

/** A line that `kea-encryption client run --json` prints. */
export interface DaemonEvent {
  readonly type: string;
  readonly reason?: string;
  readonly up?: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly lease?: {
    readonly encrypted: boolean;
    readonly way?: string;
    readonly clientIdentifier: string;
    readonly addresses: readonly { readonly items: readonly { readonly address: string }[] }[];
    readonly prefixes: readonly { readonly items: readonly { readonly prefix: string }[] }[];
  };
}

export function addressOf({ lease }: DaemonEvent): string {
  return lease?.addresses[0]?.items[0]?.address ?? '';
}

export function prefixOf({ lease }: DaemonEvent): string {
  return lease?.prefixes[0]?.items[0]?.prefix ?? '';
}

/** The command `kea-encryption client run --json`. */
export class RunningClient {
  private constructor(
    private readonly namespace: Namespace,
    readonly process: Running,
  ) {}

  /** @param more further arguments; the interface is the topology's unless another is among them */
  static start(namespace: Namespace, more: readonly string[], env?: NodeJS.ProcessEnv): RunningClient {
    const place = more.includes('--interface') ? [] : ['--interface', CLIENT_INTERFACE];
    const args = [tree.cli, 'client', 'run', '--json', ...place, ...more];
    return new RunningClient(namespace, namespace.startTree(process.execPath, args, env && { env }));
  }

  get events(): DaemonEvent[] {
    return this.process.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as DaemonEvent);
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  get stderr(): string {
    return this.process.stderr;
  }

  /** Waits for an event. @param after how many events at the beginning do not count */
  event(type: string, after = 0): Promise<DaemonEvent> {
    return until(`the event ${type} after ${after} others`, () => {
      if (!this.process.isRunning && !this.process.stdout.includes(`"${type}"`)) {
        throw new Error(`the client has ended: ${this.process.outcome()}`);
      }
      return this.events.slice(after).find((one) => one.type === type);
    });
  }

  /** The client's own: `ip` and `env` become what they start. */
  get pid(): number {
    return this.process.pid;
  }

  /** After the first event, for Node.js handles no signal before. */
  async signal(name: string): Promise<void> {
    await this.namespace.runOk('kill', [`-${name}`, String(this.pid)]);
  }

  stop(): Promise<Exit> {
    return this.process.stop();
  }
}

export function addressesOn(namespace: Namespace, interfaceName = CLIENT_INTERFACE): Promise<string> {
  return namespace.runOk('ip', ['-6', 'address', 'show', 'dev', interfaceName, 'scope', 'global']);
}
