// SPDX-License-Identifier: MPL-2.0

import { setTimeout } from 'node:timers/promises';
import { createPublicKey, randomBytes } from 'node:crypto';
import { Channel, closeDescriptor, frameText, type InboundFrame } from '../../bridge';
import { type Kem, keyIdentifier, kems as allKems } from '../../crypto';
import type { WorkerIdentity } from '../clients/server-material';
import { AnnouncementBoard, findKeyFile, KeyKeeper } from '../encryption-keys';
import type { Policy, Settings } from '../settings';
import { type CommandContext, type CommandedService, runCommand } from '../commands';
import { keaJson } from '../kea-config/kea-json';
import { exposedKeys } from '../trust/exposed-keys';
import { KeyTableKeeper } from '../key-table/key-table-keeper';
import { engineMetrics, exposition, MetricsKeeper } from '../metrics';
import { type ReloadOutcome, Reloader } from '../trust/reloader';
import {
  configuredText,
  parseConfigureText,
  readConfiguration,
  readConfigureText,
  type SessionConfiguration,
  type WorkerConfiguration,
} from './session-configuration';
import { errorText, printable, version } from '../../support';
import { WorkerPool } from './worker-pool';

/** Milliseconds between the lines by which the hook sees that a long start goes on. */
const signOfLife = 2000;

/** Milliseconds that threads may take to end: far longer than a packet takes, less than the hook's patience. */
const endPatience = 1500;

/** One for each KEM. */
const BOARD_SLOTS = allKems.length;

export interface SessionHandlers {
  /** What the engine serves by, whatever a connection says. @throws Error that says what is wrong with it */
  policy(): Policy;
  /**
   * Lets the session serve; an engine that serves a single connection, the one it was started for, has none.
   * @throws Error that says why it may not
   */
  admit?(): Promise<void>;
  /** The connection ends: from now on the session serves nobody. */
  closing?(): void;
  /**
   * The hook has ended the connection, or a worker has died.
   * @param isStuck a thread of the session goes on and cannot be ended
   */
  ended(error: Error | undefined, isStuck: boolean): void;
}

/**
 * One hook's connection: its configuration, its worker threads, its lanes. Where the engine has its own socket,
 * `kea-dhcp6 -T` gets a session that judges and does not serve, so that it does not disturb a server that runs.
 */
export class Session {
  private readonly channel: Channel;
  private keeper: KeyTableKeeper | undefined;
  private pool: WorkerPool | undefined;
  /** From its first thread on. */
  private starting: Promise<WorkerPool> | undefined;
  private reloader: Reloader | undefined;
  private commanded: CommandedService | undefined;
  private keys: KeyKeeper | undefined;
  private metrics: MetricsKeeper | undefined;
  private ended = false;
  private ending: Promise<void> | undefined;

  /** @param fd the control connection, which belongs to the session from then on */
  constructor(
    fd: number,
    private readonly handlers: SessionHandlers,
  ) {
    this.channel = new Channel(fd, {
      frame: (frame) => {
        this.receive(frame);
      },
      closed: () => {
        void this.close();
      },
    });
  }

  /** Ends the connection and its threads; resolves when they have ended, or do not end. */
  async close(): Promise<void> {
    await this.end(undefined);
  }

  private receive(frame: InboundFrame): void {
    switch (frame.kind) {
      case 'configure':
        void this.configure(frame.id, frame.fd);
        return;
      case 'lane':
        this.openLane(frame.worker, frame.fd);
        return;
      case 'command':
        void this.command(frame.id, frame.text);
        return;
      default:
        void this.end(new Error(`a ${frame.kind} frame on the control connection`));
    }
  }

  /** Reads everything anew that the settings name; see Reloader. Never rejects. */
  reload(): Promise<ReloadOutcome> {
    const refused = { accepted: false, text: 'no configuration is in force' } as const;
    return this.reloader?.reload() ?? Promise.resolve(refused);
  }

  private async command(id: number, text: string): Promise<void> {
    const answer = await runCommand(text, this.commandContext());
    if (this.ended) {
      return;
    }
    try {
      this.channel.answer(id, keaJson(answer));
    } catch (error) {
      const reason = errorText(error);
      this.channel.answer(id, keaJson({ result: 1, text: `the answer cannot be sent: ${reason}` }));
    }
  }

  private commandContext(): CommandContext {
    const none = (): never => {
      throw new Error('no configuration is in force');
    };
    return {
      table: () => this.keeper?.table ?? none(),
      ask: (question) => this.pool?.ask(question) ?? none(),
      service: () => this.commanded ?? none(),
      reload: () => this.reload(),
      now: Date.now,
    };
  }

  private openLane(worker: number, fd: number): void {
    if (this.pool === undefined) {
      closeDescriptor(fd);
      this.channel.log(2, 'a lane before the configuration was accepted');
      return;
    }
    this.pool.openLane(worker, fd);
  }

  private async configure(id: number, fd: number): Promise<void> {
    try {
      if (this.pool !== undefined) {
        throw new Error('this connection has its configuration; a new one needs a new connection');
      }
      const told = parseConfigureText(readConfigureText(fd));
      const isChecked = told.isCheck && this.handlers.admit !== undefined;
      if (!isChecked) {
        await this.handlers.admit?.();
      }
      const configuration = readConfiguration(this.handlers.policy(), told, Date.now());
      if (isChecked) {
        this.channel.configured(id, true, configuredText(configuration));
        return;
      }
      const pool = await this.whileTelling(this.start(configuration));
      if (this.ended) {
        this.closeAll();
        await pool.close();
        return;
      }
      this.pool = pool;
      this.channel.configured(id, true, configuredText(configuration));
    } catch (error) {
      const message = errorText(error);
      this.channel.configured(id, false, keaJson({ error: printable(frameText(message)) }));
    } finally {
      closeDescriptor(fd);
    }
  }

  private async start({ workers, worker, kems, ...files }: SessionConfiguration): Promise<WorkerPool> {
    const log = (severity: 0 | 1 | 2 | 3, line: string): void => {
      this.channel.log(severity, line);
    };
    const options = { directory: worker.stateDirectory, ...worker.keyTable, now: Date.now };
    for (const text of exposedKeys(files.settings)) {
      log(2, text);
    }
    const keeper = await KeyTableKeeper.start(options, log);
    this.keeper = keeper;
    const keys = this.startKeys(worker, kems, files.settings, log);
    const board = AnnouncementBoard.allocate(BOARD_SLOTS);
    const settings = { ...worker, board, keys: keys.material };
    this.starting = WorkerPool.start(workers, settings, {
      log,
      failed: (error) => {
        void this.end(error);
      },
    });
    const pool = await this.starting;
    const reloader = new Reloader({
      ...files,
      material: worker,
      adopt: async (material) => {
        keys.adoptCertificate(certificateKeyId(material.identity));
        await pool.adopt(material);
      },
      log,
      now: Date.now,
    });
    this.reloader = reloader;
    const { policy } = worker;
    this.commanded = {
      solution: policy.solution,
      workers,
      started: Date.now(),
      get material() {
        return reloader.current;
      },
    };
    const { metrics } = files.settings;
    if (metrics !== undefined) {
      this.metrics = new MetricsKeeper(metrics, () => this.renderMetrics(pool), log);
    }
    return pool;
  }

  private startKeys(
    worker: WorkerConfiguration,
    kems: readonly Kem[],
    { encryptionKeys }: Settings,
    log: (severity: 0 | 1 | 2 | 3, text: string) => void,
  ): KeyKeeper {
    const { file, problem } = findKeyFile(runtimeDirectories(), worker.stateDirectory);
    if (file === undefined) {
      log(1, `Encryption keys are not kept over a restart, clients will ask for new ones: ${problem}`);
    }
    const keys = new KeyKeeper({
      kems,
      lifetime: encryptionKeys.lifetime,
      certificate: certificateKeyId(worker.identity),
      file,
      random: randomBytes,
      now: Date.now,
      publish: (material) => {
        this.pool?.adoptKeys(material);
      },
      log,
    });
    this.keys = keys;
    return keys;
  }

  /** A large key table or a busy machine makes a start long: the hook waits while it hears of it. */
  private whileTelling<T>(start: Promise<T>): Promise<T> {
    const telling = setInterval(() => {
      const what =
        this.keeper === undefined ? 'The key table is being prepared.' : 'The workers are being started.';
      this.channel.log(0, what);
    }, signOfLife);
    return start.finally(() => {
      clearInterval(telling);
    });
  }

  private async renderMetrics(pool: WorkerPool): Promise<string> {
    const { table, service } = this.commandContext();
    const { solution, started, material } = service();
    const answers = await pool.ask({ topic: 'metrics' });
    const { user, system } = process.cpuUsage();
    return exposition(
      engineMetrics({
        version: version(),
        solution,
        started,
        material,
        keys: table().size,
        workers: answers.flatMap(({ contexts, blocked, packets }) =>
          packets === undefined ? [] : [{ contexts, blocked, packets }],
        ),
        process: { processorTime: (user + system) / 1e6, residentMemory: process.memoryUsage.rss() },
      }),
    );
  }

  private end(error: Error | undefined): Promise<void> {
    this.ending ??= this.finish(error);
    return this.ending;
  }

  private async finish(error: Error | undefined): Promise<void> {
    this.ended = true;
    if (error !== undefined) {
      this.channel.log(3, error.stack ?? error.message);
    }
    this.channel.close();
    this.handlers.closing?.();
    this.closeAll();
    const late = new AbortController();
    const isStuck = await Promise.race([
      this.endThreads().then(() => false),
      setTimeout(endPatience, true, { signal: late.signal }).catch(() => true),
    ]);
    late.abort();
    this.handlers.ended(error, isStuck);
  }

  private async endThreads(): Promise<void> {
    const pool = await this.starting?.catch(() => undefined);
    await pool?.close();
  }

  private closeAll(): void {
    this.keeper?.close();
    this.reloader?.close();
    this.keys?.close();
    this.metrics?.close();
  }
}

/** Key Identifier of the certificate that a server signs with. */
function certificateKeyId({ privateKey }: WorkerIdentity): Buffer {
  const publicKey = privateKey.type === 'public' ? privateKey : createPublicKey(privateKey);
  return keyIdentifier(publicKey.export({ type: 'spki', format: 'der' }));
}

/** Where keys may be kept over a restart: systemd's for the unit, else one of our own. */
function runtimeDirectories(): readonly string[] {
  const { RUNTIME_DIRECTORY: named = '' } = process.env;
  return [...named.split(':').filter((path) => path !== ''), '/run/kea-encryption'];
}
