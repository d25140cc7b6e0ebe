// SPDX-License-Identifier: MPL-2.0

import { setImmediate } from 'node:timers/promises';
import { Channel, Listener, type Peer } from '../../bridge';
import type { Policy } from '../settings';
import { Session } from './session';

export interface EngineServerOptions {
  /** Where to listen: a path, or the descriptor of a socket that listens already. */
  readonly at: string | { readonly fd: number };
  /** See SessionHandlers. */
  readonly policy: () => Policy;
  /** The user that Kea runs as. Root may connect as well: nothing keeps it from anything here. */
  readonly keaUser: number;
  /** One line for the operator. */
  readonly log: (line: string) => void;
}

/** An engine of its own (a systemd unit, say), which serves one Kea at a time by its own policy. */
export class EngineServer {
  private readonly listener: Listener;
  private readonly sessions = new Set<Session>();
  /** The session that serves, and the process at its other end. */
  private serving: { readonly session: Session; readonly pid: number } | undefined;
  /** Who was refused, so that each is told of once: users for good, processes while the one that is served stays. */
  private readonly refusedUsers = new Set<number>();
  private readonly refusedProcesses = new Set<number>();

  constructor(private readonly options: EngineServerOptions) {
    this.listener = new Listener(options.at, {
      connection: (fd, peer) => {
        this.connected(fd, peer);
      },
    });
  }

  /** Ends every hook's connection and its threads. */
  async close(): Promise<void> {
    this.listener.close();
    await Promise.all([...this.sessions].map((session) => session.close()));
  }

  private connected(fd: number, peer: Peer): void {
    const { keaUser, policy, log } = this.options;
    if (peer.uid !== keaUser && peer.uid !== 0) {
      this.refuseUser(fd, peer);
      return;
    }
    let isOver = false;
    const session: Session = new Session(fd, {
      policy,
      admit: async () => {
        // The end of the one before may come with this turn of the event loop.
        await setImmediate();
        if (isOver) {
          throw new Error('the connection has ended');
        }
        await this.admit(session, peer);
      },
      ended: (error, isStuck) => {
        this.sessions.delete(session);
        if (error !== undefined) {
          log(`a session has failed: ${error.message}`);
        }
        if (isStuck) {
          log('a thread of the session does not end: start the engine anew');
        }
      },
      closing: () => {
        isOver = true;
        if (this.serving?.session === session) {
          this.serving = undefined;
          this.refusedProcesses.clear();
          log('Kea has gone');
        }
      },
    });
    this.sessions.add(session);
  }

  /** Of its frames none is read. */
  private refuseUser(fd: number, { uid, pid }: Peer): void {
    const channel = new Channel(fd, { frame: () => undefined, closed: () => undefined });
    channel.log(3, `The user ${uid} is not the one that the engine serves (its option --kea-user).`);
    channel.close();
    if (!this.refusedUsers.has(uid)) {
      this.refusedUsers.add(uid);
      this.options.log(`refused: process ${pid} of user ${uid}; --kea-user is ${this.options.keaUser}`);
    }
  }

  /** A process that comes again has had its configuration changed; what it had is over. */
  private async admit(session: Session, { uid, pid }: Peer): Promise<void> {
    const { serving } = this;
    if (serving !== undefined && (pid === 0 || serving.pid !== pid)) {
      if (!this.refusedProcesses.has(pid)) {
        this.refusedProcesses.add(pid);
        this.options.log(`refused: a second Kea, process ${pid}, while process ${serving.pid} is served`);
      }
      throw new Error(`the engine serves another Kea, process ${serving.pid}, and one at a time`);
    }
    this.serving = { session, pid };
    this.options.log(`Kea has connected, process ${pid} of user ${uid}`);
    await serving?.session.close();
  }
}
