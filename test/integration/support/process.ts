// SPDX-License-Identifier: MPL-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { until } from '../../support/until';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string | Buffer;
  /** Milliseconds until the process is killed and the run fails. */
  readonly timeout?: number;
}

export interface RunResult {
  /** Exit code; 128 + n where signal n ended the process, as in a shell. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process whose whole output is kept and whose end can be waited for. */
export class Running {
  stdout = '';
  stderr = '';
  readonly exited: Promise<Exit>;
  private exit: Exit | undefined;
  private failure: Error | undefined;
  private readonly child: ChildProcess;

  constructor(
    readonly command: string,
    readonly args: readonly string[],
    options: RunOptions = {},
  ) {
    this.child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.stdin?.on('error', () => undefined).end(options.input);
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.failure = error;
        this.exit ??= { code: 127, signal: null };
        resolve(this.exit);
      });
      this.child.once('close', (code, signal) => {
        this.exit ??= { code, signal };
        resolve(this.exit);
      });
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) {
      throw new Error(`${this.describe()} did not start`);
    }
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.exit === undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) {
      this.child.kill(signal);
    }
  }

  /** Waits until the output (stdout and stderr together) matches; fails at once if the process ends first. */
  waitForOutput(pattern: RegExp, timeout?: number): Promise<RegExpExecArray> {
    return until(
      () => `${this.describe()} to print ${String(pattern)}; it printed:\n${this.stdout}${this.stderr}`,
      () => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match === null && !this.isRunning) {
          throw new Error(`${this.describe()} ended too early: ${this.outcome()}`);
        }
        return match ?? undefined;
      },
      timeout,
    );
  }

  /** Ends the process with `signal`, and with SIGKILL where that is not enough. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', grace = 120_000): Promise<Exit> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), grace);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  describe(): string {
    return [this.command, ...this.args].join(' ');
  }

  /** How the process ended and what it said, for error messages. */
  outcome(): string {
    const how =
      this.failure?.message ??
      (this.exit === undefined ? 'still running' : `exit ${String(this.exit.signal ?? this.exit.code)}`);
    return `${how}\n${this.stdout}${this.stderr}`.trimEnd();
  }
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** Runs a process to its end, whatever its exit code. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const running = new Running(command, args, options);
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort();
    running.signal('SIGKILL');
  }, options.timeout ?? 300_000);
  const { code, signal } = await running.exited;
  clearTimeout(timer);
  if (limit.signal.aborted) {
    throw new Error(`${running.describe()} took too long: ${running.outcome()}`);
  }
  const exitCode = code ?? 128 + (signal === null ? 0 : (SIGNAL_NUMBERS[signal] ?? 0));
  if (exitCode === 127 && running.stderr === '') {
    throw new Error(`${running.describe()}: ${running.outcome()}`);
  }
  return { code: exitCode, stdout: running.stdout, stderr: running.stderr };
}

/** Runs a process that has to succeed, and gives its standard output. */
export async function runOk(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(command, args, options);
  if (result.code !== 0) {
    const said = `${result.stdout}${result.stderr}`.trimEnd();
    throw new Error(`${[command, ...args].join(' ')} failed with exit code ${result.code}: ${said}`);
  }
  return result.stdout;
}
