// SPDX-License-Identifier: MPL-2.0
import { spawn, type ChildProcess } from 'node:child_process';

/**
 * What the reaper runs. It reads `add KIND NAME` and `drop KIND NAME` lines and, once its input ends, removes
 * whatever was added and not dropped: first every process in the namespaces, then the namespaces, then the
 * directories. Names are made by this harness and hold no white space.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
namespaces=' '
directories=' '
while read -r verb kind name; do
  case "$verb $kind" in
    'add namespace') namespaces="$namespaces$name " ;;
    'add directory') directories="$directories$name " ;;
    'drop namespace') namespaces="\${namespaces%% $name *} \${namespaces#* $name }" ;;
    'drop directory') directories="\${directories%% $name *} \${directories#* $name }" ;;
  esac
done
for name in $namespaces; do
  ip netns pids "$name" 2>/dev/null | xargs -r kill -9 2>/dev/null
done
for name in $namespaces; do
  ip netns delete "$name" 2>/dev/null
done
for name in $directories; do
  rm -rf "$name"
done
exit 0
`;

export type ReapedKind = 'namespace' | 'directory';

/**
 * Removes what a run leaves behind however the run ends. A process of its own does it, in its own session,
 * woken by the end of a pipe: neither Ctrl-C nor SIGKILL nor a test runner that swallows signals keeps it from
 * cleaning up.
 */
export class Reaper {
  private readonly child: ChildProcess;

  constructor() {
    this.child = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    this.child.stdin?.on('error', () => undefined);
    this.child.unref();
    const input: unknown = this.child.stdin;
    if (isUnrefable(input)) {
      input.unref();
    }
  }

  add(kind: ReapedKind, name: string): void {
    this.child.stdin?.write(`add ${kind} ${name}\n`);
  }

  drop(kind: ReapedKind, name: string): void {
    this.child.stdin?.write(`drop ${kind} ${name}\n`);
  }

  /** Has everything that is left removed now, and resolves when that is done. */
  async finish(): Promise<void> {
    this.child.ref();
    const done = new Promise<void>((resolve) => {
      if (this.child.exitCode !== null) {
        resolve();
      } else {
        this.child.once('exit', () => resolve());
      }
    });
    this.child.stdin?.end();
    await done;
  }
}

function isUnrefable(value: unknown): value is { unref(): void } {
  return typeof value === 'object' && value !== null && 'unref' in value;
}
