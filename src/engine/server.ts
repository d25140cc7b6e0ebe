// SPDX-License-Identifier: MPL-2.0

import { Listener } from '../bridge';
import { Session } from './session';

/** An engine of its own (a systemd unit, say) that hooks connect to. */
export class EngineServer {
  private readonly listener: Listener;

  /** @param path where to listen; @param log one line for the operator */
  constructor(path: string, log: (line: string) => void) {
    this.listener = new Listener(path, {
      connection: (fd) => {
        log('a hook has connected');
        new Session(fd, {
          ended: (error) => {
            log(error === undefined ? 'a hook has gone' : `a session has failed: ${error.message}`);
          },
        });
      },
    });
  }

  close(): void {
    this.listener.close();
  }
}
