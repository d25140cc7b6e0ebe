// SPDX-License-Identifier: MPL-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { pause } from '../../support/until';

const SIGUSR1_BIT = 1n << 9n;

/**
 * Sends SIGUSR1 to processes every millisecond, each from the first moment on in which the signal does not end it, and
 * looks each time for TCP sockets that listen in their network namespace.
 */
export class SignalStorm {
  /** How many signals each process has got. */
  readonly signals = new Map<number, number>();
  /** Local addresses and ports as in /proc/net/tcp. */
  readonly listening = new Set<string>();
  private isOver = false;
  private readonly end: Promise<void>;

  /** @param targets asked anew each time */
  constructor(targets: () => readonly number[]) {
    this.end = this.run(targets);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.end;
  }

  private async run(targets: () => readonly number[]): Promise<void> {
    while (!this.isOver) {
      for (const pid of targets()) {
        this.strike(pid);
      }
      await pause(1);
    }
  }

  private strike(pid: number): void {
    try {
      // What starts the program, `ip netns exec`, is still in the namespace of everybody, and would be ended.
      if (this.signals.has(pid) || survives(pid)) {
        process.kill(pid, 'SIGUSR1');
        this.signals.set(pid, (this.signals.get(pid) ?? 0) + 1);
        listeners(pid).forEach((address) => this.listening.add(address));
      }
    } catch (error) {
      if (!['ENOENT', 'ESRCH', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code))) {
        throw error;
      }
    }
  }
}

/** The children of a process, and theirs. */
export function descendants(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
      .filter((child) => child !== '')
      .flatMap((child) => [Number(child), ...descendants(Number(child))]);
  } catch {
    return [];
  }
}

/** Whether SIGUSR1 is blocked, ignored or handled. */
function survives(pid: number): boolean {
  const masks = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^Sig(?:Blk|Ign|Cgt):\s(\w+)/gm);
  return [...masks].some(([, mask]) => (BigInt(`0x${mask}`) & SIGUSR1_BIT) !== 0n);
}

function listeners(pid: number): string[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([, local = '', , state]) => (state === '0A' ? [local] : [])),
  );
}
