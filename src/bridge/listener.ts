// SPDX-License-Identifier: MPL-2.0

import { native, type NativeListener } from './native';

/** Who had connected, at that time (SO_PEERCRED). */
export interface Peer {
  readonly uid: number;
  /** 0 for a process of another PID namespace. */
  readonly pid: number;
}

export interface ListenerHandlers {
  /** A connection's descriptor, the receiver's own. */
  connection(fd: number, peer: Peer): void;
}

/** Listens for hooks that connect to an engine of its own unit. */
export class Listener {
  private readonly listener: NativeListener;

  /**
   * @param at a path, at which a socket of mode 0660 is made, in place of one at which nobody listens any more; or
   *   the descriptor of a listening SEQPACKET socket (socket activation)
   * @throws Error that names path or descriptor; code EADDRINUSE if somebody listens already
   */
  constructor(at: string | { readonly fd: number }, handlers: ListenerHandlers) {
    this.listener = new native.Listener(typeof at === 'string' ? at : at.fd, (fd, uid, pid) =>
      handlers.connection(fd, { uid, pid }),
    );
  }

  /** Removes the path if it is its own; no handler runs afterwards. */
  close(): void {
    this.listener.close();
  }
}
