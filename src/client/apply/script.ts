// SPDX-License-Identifier: MPL-2.0

import { spawn } from 'node:child_process';
import type { ClientEvent } from '../lease/events';
import type { Applier } from './applier';
import { actionOf } from './script-odhcp6c';
import { scriptEnvironment } from './script-environment';

/** Milliseconds after which a script is killed. */
const MAX_DURATION = 30_000;

/** Runs a user's program at every event, one after the other, with odhcp6c's arguments: docs/client.md. */
export class ScriptApplier implements Applier {
  constructor(
    private readonly file: string,
    private readonly notice: (text: string) => void,
    private readonly limit: number = MAX_DURATION,
  ) {}

  apply(event: ClientEvent): Promise<void> {
    const action = actionOf(event);
    return action === undefined ? Promise.resolve() : this.run(event.interface, action, event);
  }

  private run(interfaceName: string, action: string, event: ClientEvent): Promise<void> {
    const env = scriptEnvironment(event);
    return new Promise((resolve) => {
      // A process group of its own, so that what the script has started is killed with it.
      const child = spawn(this.file, [interfaceName, action], {
        env,
        stdio: ['ignore', 2, 2],
        detached: true,
      });
      const timer = setTimeout(() => {
        this.notice(`the script ${this.file} took too long at ${action} and is killed`);
        if (child.pid !== undefined) {
          process.kill(-child.pid, 'SIGKILL');
        }
      }, this.limit);
      const finish = (problem?: string): void => {
        clearTimeout(timer);
        if (problem !== undefined) {
          this.notice(`the script ${this.file} failed at ${action}: ${problem}`);
        }
        resolve();
      };
      child.once('error', (error) => {
        finish(error.message);
      });
      child.once('exit', (code, signal) => {
        finish(code === 0 ? undefined : `exit ${String(signal ?? code)}`);
      });
    });
  }
}
