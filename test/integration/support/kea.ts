// SPDX-License-Identifier: MPL-2.0
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sendCommand, type CommandAnswer } from './control-socket';
import { keaConfiguration, type KeaObject, type KeaSettings } from './kea-configuration';
import { readLeases, type KeaLease } from './kea-leases';
import type { Namespace } from './namespace';
import type { Exit, RunResult, Running } from './process';
import { tree } from './tree';
import { until } from '../../support/until';

const INSTALLED_SERVER = '/usr/sbin/kea-dhcp6';

export interface KeaOptions extends KeaSettings {
  readonly namespace: Namespace;
  /** Files of this server go here; made if it is not there. */
  readonly directory: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until it has to serve. */
  readonly startTimeout?: number;
}

/** A real kea-dhcp6 in a network namespace, with all of its files in a directory of its own. */
export class KeaServer {
  private running: Running | undefined;
  private earlierLog = '';

  private constructor(
    private readonly options: KeaOptions,
    private readonly paths: {
      readonly executable: string;
      readonly configuration: string;
      readonly controlSocket: string;
      readonly leaseFile: string;
    },
  ) {}

  /** Writes the configuration and makes the directories; nothing runs yet. */
  static async prepare(options: KeaOptions): Promise<KeaServer> {
    const { directory } = options;
    for (const [name, mode] of [
      ['', 0o755],
      ['control', 0o750],
      ['run', 0o755],
      ['data', 0o755],
      ['log', 0o755],
    ] as const) {
      await mkdir(join(directory, name), { recursive: true });
      await chmod(join(directory, name), mode);
    }
    // AppArmor profiles go by path. Debian's lets /usr/sbin/kea-dhcp6 neither read a temporary directory nor
    // load a hook from the build tree, so a copy runs.
    const executable = join(directory, 'kea-dhcp6');
    await copyFile(INSTALLED_SERVER, executable);
    await chmod(executable, 0o755);
    const server = new KeaServer(options, {
      executable,
      configuration: join(directory, 'kea-dhcp6.conf'),
      controlSocket: join(directory, 'control', 'kea6.sock'),
      leaseFile: join(directory, 'data', 'leases6.csv'),
    });
    await server.configure(options);
    return server;
  }

  /** Starts a server and waits until it serves. */
  static async start(options: KeaOptions): Promise<KeaServer> {
    const server = await KeaServer.prepare(options);
    await server.launch();
    return server;
  }

  get configurationFile(): string {
    return this.paths.configuration;
  }

  get controlSocket(): string {
    return this.paths.controlSocket;
  }

  get leaseFile(): string {
    return this.paths.leaseFile;
  }

  get pid(): number {
    return this.process.pid;
  }

  get isRunning(): boolean {
    return this.running?.isRunning === true;
  }

  /** All that this server has logged so far, over all its starts. */
  get log(): string {
    return `${this.earlierLog}${this.running?.stdout ?? ''}${this.running?.stderr ?? ''}`;
  }

  /** Replaces the configuration file; takes effect at the next launch or reload. */
  async configure(settings: KeaSettings): Promise<KeaObject> {
    const configuration = keaConfiguration(settings, this.paths);
    await writeFile(this.paths.configuration, JSON.stringify(configuration, null, 2));
    return configuration;
  }

  /** Starts the server with its present configuration file and waits until it serves. */
  async launch(): Promise<void> {
    const running = this.spawn();
    await running.waitForOutput(/DHCP6_STARTED/, this.options.startTimeout);
    await until('the answer to status-get', async () => (await this.command('status-get')).result === 0);
    if (running.stdout.includes('DHCP6_OPEN_SOCKETS_FAILED')) {
      throw new Error(`kea-dhcp6 opened no socket:\n${running.stdout}`);
    }
  }

  /** Starts the server where the configuration is expected to be refused, and waits for its end. */
  async launchToFail(): Promise<Exit> {
    return this.spawn().exited;
  }

  /** Runs `kea-dhcp6 -t` or, where Kea has it, `-T` on the configuration file. */
  check(flag: '-t' | '-T'): Promise<RunResult> {
    const args = [flag, this.paths.configuration];
    return this.options.namespace.runTree(this.paths.executable, args, { env: this.environment });
  }

  /** Runs a program beside the server. */
  run(command: string, args: readonly string[]): Promise<RunResult> {
    return this.options.namespace.run(command, args);
  }

  command(command: string, args?: unknown): Promise<CommandAnswer> {
    return sendCommand(this.paths.controlSocket, command, args);
  }

  /** Has the server read its configuration file anew. */
  reload(): Promise<CommandAnswer> {
    return this.command('config-reload');
  }

  /** The present value of a statistic; 0 where Kea has not counted anything under that name yet. */
  async statistic(name: string): Promise<number> {
    return (await this.statistics())[name] ?? 0;
  }

  async statistics(): Promise<Readonly<Record<string, number>>> {
    const answer = await this.command('statistic-get-all');
    const values: Record<string, number> = {};
    // Each statistic is a list of [value, time], the latest first.
    for (const [name, samples] of Object.entries(answer.arguments ?? {})) {
      const latest: unknown = Array.isArray(samples) && Array.isArray(samples[0]) ? samples[0][0] : undefined;
      if (typeof latest === 'number') {
        values[name] = latest;
      }
    }
    return values;
  }

  leases(): Promise<KeaLease[]> {
    return readLeases(this.paths.leaseFile);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /** Ends the server and waits for it; {@link Exit.code} is 0 where it shut down as it should. */
  async stop(): Promise<Exit> {
    if (!tree.isSanitized) {
      return this.process.stop();
    }
    // With a sanitizer's runtime in it, kea-dhcp6 without any hook hangs in a destructor of libp11-kit (Debian 12),
    // after its own end. So there the end of its main function is what counts.
    const running = this.process;
    running.signal('SIGTERM');
    await Promise.race([
      running.exited,
      until('kea-dhcp6 to shut down', () => running.stdout.includes('DHCP6_SHUTDOWN')),
    ]);
    const wasAlive = running.isRunning;
    const exit = await running.stop('SIGTERM', 3_000);
    return wasAlive && exit.signal === 'SIGKILL' ? { code: 0, signal: null } : exit;
  }

  private get process(): Running {
    if (this.running === undefined) {
      throw new Error('kea-dhcp6 was not started');
    }
    return this.running;
  }

  private get environment(): NodeJS.ProcessEnv {
    const { directory, hooks, env } = this.options;
    // Also of a server that gets the hook by a reload only.
    const hook = hooks?.[0]?.library ?? tree.hook;
    return {
      KEA_PIDFILE_DIR: join(directory, 'run'),
      KEA_LOCKFILE_DIR: join(directory, 'run'),
      KEA_DHCP_DATA_DIR: join(directory, 'data'),
      KEA_CONTROL_SOCKET_DIR: dirname(this.paths.controlSocket),
      KEA_LOG_FILE_DIR: join(directory, 'log'),
      KEA_HOOKS_PATH: dirname(hook),
      ...env,
    };
  }

  private spawn(): Running {
    this.earlierLog = this.log;
    this.running = this.options.namespace.startTree(this.paths.executable, ['-c', this.paths.configuration], {
      env: this.environment,
    });
    return this.running;
  }
}
