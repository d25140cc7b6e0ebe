// SPDX-License-Identifier: MPL-2.0

import { HookLane } from './hook-lane';
import { native, type CloseReason, type NativeEndpoint } from './native';
import { Pending } from './pending';

export interface HookPeerHandlers {
  log?(severity: 0 | 1 | 2 | 3, text: string): void;
  bound?(operation: 'clear' | 'add' | 'remove', duid: Buffer): void;
  /** The engine has ended the connection. */
  closed?(reason: CloseReason): void;
}

export interface Configured {
  readonly accepted: boolean;
  readonly text: string;
}

function boundOperation(code: number): 'clear' | 'add' | 'remove' {
  const { add, remove } = native.boundOperations;
  return code === add ? 'add' : code === remove ? 'remove' : 'clear';
}

/**
 * The hook's end of a control connection: what measures an engine, or looks into one, without Kea. Answers come as
 * promises, which are rejected when the connection ends.
 */
export class HookPeer {
  private readonly endpoint: NativeEndpoint;
  private readonly configurations = new Pending<Configured>();
  private readonly answers = new Pending<string>();
  private nextId = 1;

  /** @param fd a connected Unix SEQPACKET socket, which belongs to the peer from then on */
  constructor(fd: number, handlers: HookPeerHandlers = {}) {
    const slab = native.slab();
    this.endpoint = new native.Endpoint(fd, {
      configured: (id, status, text, end) =>
        this.configurations.answer(id, {
          accepted: status === native.statuses.accepted,
          text: slab.toString('utf8', text, end),
        }),
      answer: (id, text, end) => this.answers.answer(id, slab.toString('utf8', text, end)),
      log: (severity, text, end) => handlers.log?.(severity, slab.toString('utf8', text, end)),
      bound: (operation, duid, end) =>
        handlers.bound?.(boundOperation(operation), Buffer.from(slab.subarray(duid, end))),
      closed: (reason) => {
        this.rejectAll(reason);
        handlers.closed?.(reason);
      },
    });
  }

  /** Connects to an engine that listens at the path. */
  static connect(path: string, handlers: HookPeerHandlers = {}): HookPeer {
    return new HookPeer(native.connect(path), handlers);
  }

  /** @param text JSON, see docs/engine-channel.md */
  configure(text: string): Promise<Configured> {
    const id = this.takeId();
    return this.configurations.ask(id, () => this.endpoint.configure(id, text));
  }

  /** @param text JSON {"command", "arguments"} */
  command(text: string): Promise<string> {
    const id = this.takeId();
    return this.answers.ask(id, () => this.endpoint.command(id, text));
  }

  /** Opens a lane to a worker of the engine, on a connection of its own. */
  openLane(worker: number): HookLane {
    const [own, passed] = native.socketPair();
    const lane = new HookLane(own);
    if (!this.endpoint.lane(this.takeId(), worker, passed)) {
      lane.close();
      throw new Error('the channel does not take the frame');
    }
    return lane;
  }

  /** Sends any octets as a packet; a descriptor passed along is taken over. */
  sendRaw(octets: Uint8Array, fd?: number): boolean {
    return this.endpoint.raw(octets, fd);
  }

  close(): void {
    this.endpoint.close();
    this.rejectAll('ended');
  }

  private takeId(): number {
    return this.nextId++;
  }

  private rejectAll(reason: CloseReason): void {
    const error = new Error(`the control connection has ended: ${reason}`);
    this.configurations.rejectAll(error);
    this.answers.rejectAll(error);
  }
}
