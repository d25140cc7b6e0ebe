// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespace } from './namespace';
import { runOk } from './process';
import { Reaper } from './reaper';

/** In one process, as each test makes some namespaces. */
const QUIET = `set -e
for of in all default; do
  for what in accept_dad accept_ra; do echo 0 >/proc/sys/net/ipv6/conf/$of/$what; done
done
ip link set lo up`;

/**
 * Everything one test file sets up: a temporary directory, network namespaces with names of their own, so that
 * runs beside each other do not collide, and the processes in them. `close` takes all of it down in reverse
 * order; if the process dies before, the reaper does.
 */
export class Testbed {
  private readonly namespaces: Namespace[] = [];
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    private readonly reaper: Reaper,
    /** Only its owner may enter it. */
    readonly directory: string,
    /** As that, on a memory file system: what an engine keeps over a restart and on no disk. */
    readonly memory: string,
    private readonly tag: string,
  ) {}

  static async create(): Promise<Testbed> {
    const reaper = new Reaper();
    const own = async (parent: string): Promise<string> => {
      // A short path: Unix sockets in it have room for 107 octets.
      const directory = await mkdtemp(join(parent, 'ke-'));
      reaper.add('directory', directory);
      await chmod(directory, 0o700);
      return directory;
    };
    const [directory, memory] = [await own(tmpdir()), await own('/dev/shm')];
    return new Testbed(reaper, directory, memory, randomBytes(4).toString('hex'));
  }

  /** Has `closer` called by `close`, after those that were added later. */
  onClose(closer: () => Promise<unknown>): void {
    this.closers.push(closer);
  }

  /** A network namespace with the loopback interface up and no duplicate address detection to wait for. */
  async namespace(label: string): Promise<Namespace> {
    const name = `ke-${this.tag}-${label}`;
    this.reaper.add('namespace', name);
    await runOk('ip', ['netns', 'add', name]);
    const namespace = new Namespace(name, (closer) => this.onClose(closer));
    this.namespaces.push(namespace);
    await namespace.runOk('sh', ['-c', QUIET]);
    return namespace;
  }

  /** Joins two namespaces by a virtual Ethernet cable and waits until both ends can send. */
  async join(a: Namespace, interfaceA: string, b: Namespace, interfaceB: string): Promise<void> {
    const far = ['peer', 'name', interfaceB, 'netns', b.name];
    await runOk('ip', ['-n', a.name, 'link', 'add', 'name', interfaceA, 'type', 'veth', ...far]);
    await runOk('ip', ['-n', a.name, 'link', 'set', 'dev', interfaceA, 'up']);
    await runOk('ip', ['-n', b.name, 'link', 'set', 'dev', interfaceB, 'up']);
    await a.waitForLinkLocal(interfaceA);
    await b.waitForLinkLocal(interfaceB);
  }

  /** Puts hosts on one link: each gets an interface of the name given, plugged into a switch between them. */
  async link(label: string, hosts: readonly (readonly [Namespace, string])[]): Promise<void> {
    const hub = await this.namespace(label);
    await runOk('ip', ['-n', hub.name, 'link', 'add', 'bridge0', 'type', 'bridge', 'mcast_snooping', '0']);
    await runOk('ip', ['-n', hub.name, 'link', 'set', 'bridge0', 'up']);
    for (const [index, [host, interfaceName]] of hosts.entries()) {
      await this.join(host, interfaceName, hub, `port${index}`);
      await runOk('ip', ['-n', hub.name, 'link', 'set', `port${index}`, 'master', 'bridge0']);
    }
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => failures.push(error));
    }
    for (const namespace of this.namespaces.splice(0).reverse()) {
      await namespace.delete().then(
        () => this.reaper.drop('namespace', namespace.name),
        (error: unknown) => failures.push(error),
      );
    }
    for (const directory of [this.directory, this.memory]) {
      await rm(directory, { recursive: true, force: true });
    }
    await this.reaper.finish();
    if (failures.length > 0) {
      throw new AggregateError(failures, `clean-up failed: ${failures.map(String).join('; ')}`);
    }
  }
}
