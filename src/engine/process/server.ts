// SPDX-License-Identifier: MPL-2.0

import { Listener } from '../../bridge';
import { Session } from './session';

/** An engine of its own (a systemd unit, say) that hooks connect to. */
export class EngineServer {
  private readonly listener: Listener;
  private readonly sessions = new Set<Session>();

  /** @param path where to listen; @param log one line for the operator */
  constructor(path: string, log: (line: string) => void) {
    this.listener = new Listener(path, {
      connection: (fd) => {
        log('a hook has connected');
        const session: Session = new Session(fd, {
          ended: (error, isStuck) => {
            this.sessions.delete(session);
            log(error === undefined ? 'a hook has gone' : `a session has failed: ${error.message}`);
            if (isStuck) {
              log('a thread of the session does not end: start the engine anew');
            }
          },
        });
        this.sessions.add(session);
      },
    });
  }

  /** Ends every hook's connection and its threads. */
  async close(): Promise<void> {
    this.listener.close();
    await Promise.all([...this.sessions].map((session) => session.close()));
  }
}
