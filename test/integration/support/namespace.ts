// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import { run, Running, runOk, type RunOptions, type RunResult } from './process';
import { tree } from './tree';
import { until } from '../../support/until';

/** Milliseconds between SIGTERM and SIGKILL. A sanitized kea-dhcp6 does not come out of its destructors. */
const CLOSING_GRACE = tree.isSanitized ? 1_000 : 10_000;

interface InterfaceAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly tentative?: boolean;
}

interface InterfaceState {
  readonly ifname: string;
  readonly ifindex: number;
  readonly address: string;
  readonly addr_info: readonly InterfaceAddress[];
}

/** A network namespace: one host of the test network. */
export class Namespace {
  constructor(
    readonly name: string,
    private readonly onClose: (closer: () => Promise<unknown>) => void,
  ) {}

  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return run('ip', this.wrap(command, args), options);
  }

  runOk(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
    return runOk('ip', this.wrap(command, args), options);
  }

  /** Starts a process that goes on; it is stopped at the latest when the testbed is closed. */
  start(command: string, args: readonly string[], options?: RunOptions): Running {
    const running = new Running('ip', this.wrap(command, args), options);
    this.onClose(() => running.stop('SIGTERM', CLOSING_GRACE));
    return running;
  }

  /** As {@link run}, for programs that load the hook or the addon of the tree under test. */
  runTree(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return this.run(...preloaded(command, args), options);
  }

  /** As {@link start}, for programs that load the hook or the addon of the tree under test. */
  startTree(command: string, args: readonly string[], options?: RunOptions): Running {
    return this.start(...preloaded(command, args), options);
  }

  /** Writes a sysctl of this namespace, named by its path under /proc/sys. */
  async writeSysctl(path: string, value: string): Promise<void> {
    await this.runOk('sh', ['-c', 'printf %s "$1" > "/proc/sys/$2"', 'sh', value, path]);
  }

  async addAddress(interfaceName: string, address: string, prefixLength = 64): Promise<void> {
    const what = `${address}/${prefixLength}`;
    await runOk('ip', ['-n', this.name, '-6', 'address', 'replace', what, 'dev', interfaceName, 'nodad']);
  }

  async addRoute(destination: string, via: string): Promise<void> {
    await runOk('ip', ['-n', this.name, '-6', 'route', 'add', destination, 'via', via]);
  }

  /** Whether something listens to a multicast address on an interface. */
  async hasJoined(interfaceName: string, group: string): Promise<boolean> {
    const output = await runOk('ip', ['-n', this.name, '-6', 'maddress', 'show', 'dev', interfaceName]);
    return output.split(/\s+/).includes(group);
  }

  async interfaceIndex(interfaceName: string): Promise<number> {
    return (await this.interfaceState(interfaceName)).ifindex;
  }

  waitForLinkLocal(interfaceName: string): Promise<string> {
    return until(`a link-local address on ${interfaceName} of ${this.name}`, async () => {
      const { addr_info } = await this.interfaceState(interfaceName);
      return addr_info.find((a) => a.family === 'inet6' && a.scope === 'link' && a.tentative !== true)?.local;
    });
  }

  /** Kills what still runs inside, then removes the namespace and the interfaces in it. */
  async delete(): Promise<void> {
    if (!existsSync(`/run/netns/${this.name}`)) {
      return;
    }
    await until(`the processes in ${this.name} to end`, async () => {
      const pids = (await runOk('ip', ['netns', 'pids', this.name])).split('\n').filter((pid) => pid !== '');
      if (pids.length > 0) {
        await run('kill', ['-9', ...pids]);
      }
      return pids.length === 0;
    });
    await runOk('ip', ['netns', 'delete', this.name]);
  }

  private wrap(command: string, args: readonly string[]): string[] {
    return ['netns', 'exec', this.name, command, ...args];
  }

  private async interfaceState(interfaceName: string): Promise<InterfaceState> {
    const output = await runOk('ip', ['-n', this.name, '-json', 'address', 'show', 'dev', interfaceName]);
    const [state] = JSON.parse(output) as InterfaceState[];
    if (state === undefined) {
      throw new Error(`no interface ${interfaceName} in ${this.name}`);
    }
    return state;
  }
}

/** Only the program itself is to get the preloaded library, not the `ip` that starts it. */
function preloaded(command: string, args: readonly string[]): [string, readonly string[]] {
  return tree.preload === undefined
    ? [command, args]
    : ['env', [`LD_PRELOAD=${tree.preload}`, command, ...args]];
}
