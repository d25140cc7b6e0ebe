// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Testbed } from './testbed';

/** Has the wall clock of Node.js processes be ahead once it is told, and none of their timers wait for a minute. */
export class ClockAhead {
  private constructor(
    private readonly directory: string,
    readonly milliseconds: number,
  ) {}

  static async prepare(testbed: Testbed, milliseconds: number): Promise<ClockAhead> {
    const clock = new ClockAhead(testbed.directory, milliseconds);
    await writeFile(
      clock.program,
      `const { existsSync } = require('node:fs');
      const { now } = Date;
      const set = globalThis.setTimeout;
      let ahead = 0;
      setInterval(() => (ahead = existsSync(${JSON.stringify(clock.sign)}) ? ${milliseconds} : 0), 20).unref();
      Date.now = () => now() + ahead;
      globalThis.setTimeout = (callback, wait, ...rest) => set(callback, Math.min(wait, 500), ...rest);`,
    );
    return clock;
  }

  /** Of the processes. */
  get environment(): NodeJS.ProcessEnv {
    return { NODE_OPTIONS: `--require ${this.program}` };
  }

  leap(): Promise<void> {
    return writeFile(this.sign, '');
  }

  private get program(): string {
    return join(this.directory, 'clock-ahead.cjs');
  }

  private get sign(): string {
    return join(this.directory, 'clock-ahead');
  }
}
