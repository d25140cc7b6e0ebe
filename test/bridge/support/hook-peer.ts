// SPDX-License-Identifier: MPL-2.0

import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CloseReason } from '../../../src/bridge';
import { HookEnd, kinds } from './frames';
import { HookLane } from './hook-lane';
import { connect, socketPair } from './packets';
import { Pending } from './pending';

export interface HookPeerHandlers {
  log?(severity: 0 | 1 | 2 | 3, text: string): void;
  /** The engine has ended the connection. */
  closed?(reason: CloseReason): void;
}

export interface Configured {
  readonly accepted: boolean;
  readonly text: string;
}

const SEVERITIES = [0, 1, 2, 3] as const;
const REFUSED = 1;

/** A descriptor of a file with the text, which no name has any more. */
function fileWith(text: string): number {
  const path = join(mkdtempSync(join(tmpdir(), 'configure-')), 'text');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  rmSync(dirname(path), { recursive: true });
  return fd;
}

/** The hook's end of a control connection. Answers come as promises, which are rejected when the connection ends. */
export class HookPeer {
  private readonly end: HookEnd;
  private readonly configurations = new Pending<Configured>();
  private readonly answers = new Pending<string>();
  private nextId = 1;

  /** @param fd - a connected Unix SEQPACKET socket, which belongs to the peer from then on. */
  constructor(
    fd: number,
    private readonly handlers: HookPeerHandlers = {},
  ) {
    const readers = new Map([
      [kinds.configured, { least: 1, read: (id: number, body: Buffer) => this.configured(id, body) }],
      [kinds.answer, { least: 0, read: (id: number, body: Buffer) => this.answer(id, body) }],
      [kinds.log, { least: 1, read: (_: number, body: Buffer) => this.log(body) }],
    ]);
    this.end = new HookEnd(fd, readers, (reason) => {
      this.rejectAll(reason);
      handlers.closed?.(reason);
    });
  }

  /** Connects to an engine that listens at the path. */
  static connect(path: string, handlers: HookPeerHandlers = {}): HookPeer {
    return new HookPeer(connect(path), handlers);
  }

  /** @param text - JSON, see docs/engine-channel.md. */
  configure(text: string): Promise<Configured> {
    const id = this.takeId();
    return this.configurations.ask(id, () => this.end.send(kinds.configure, id, [], fileWith(text)));
  }

  /** @param text - JSON {"command", "arguments"}. */
  command(text: string): Promise<string> {
    const id = this.takeId();
    return this.answers.ask(id, () => this.end.send(kinds.command, id, [Buffer.from(text)]));
  }

  /** Opens a lane to a worker of the engine, on a connection of its own. */
  openLane(worker: number): HookLane {
    const [own, passed] = socketPair();
    const lane = new HookLane(own);
    if (!this.end.send(kinds.lane, this.takeId(), [Buffer.from([worker >> 8, worker & 0xff])], passed)) {
      lane.close();
      throw new Error('the channel does not take the frame');
    }
    return lane;
  }

  /** Sends any octets as a packet; a descriptor passed along is taken over. */
  sendRaw(octets: Uint8Array, fd?: number): boolean {
    return this.end.sendRaw(octets, fd);
  }

  close(): void {
    this.end.close();
    this.rejectAll('ended');
  }

  private configured(id: number, body: Buffer): boolean {
    const status = body.readUInt8(0);
    if (status > REFUSED) {
      return false;
    }
    this.configurations.answer(id, { accepted: status !== REFUSED, text: body.toString('utf8', 1) });
    return true;
  }

  private answer(id: number, body: Buffer): boolean {
    this.answers.answer(id, body.toString('utf8'));
    return true;
  }

  private log(body: Buffer): boolean {
    const severity = SEVERITIES[body.readUInt8(0)];
    if (severity === undefined) {
      return false;
    }
    this.handlers.log?.(severity, body.toString('utf8', 1));
    return true;
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
