// SPDX-License-Identifier: MPL-2.0

import type { CloseReason } from '../../../src/bridge';
import { PacketSocket } from './packets';

/** The layout of native/channel/frame.h, as far as the hook writes and reads it, a second time. */
export const kinds = {
  configure: 0x01,
  lane: 0x02,
  command: 0x03,
  receive: 0x11,
  send: 0x12,
  configured: 0x81,
  answer: 0x83,
  log: 0x84,
  verdict: 0x91,
} as const;

const VERSION = 5;
const HEADER_LENGTH = 8;

export const MAX_FRAME_LENGTH = 66560;

/** @returns kind, version, reserved, id, body */
export function frame(kind: number, id: number, body: readonly Uint8Array[], version = VERSION): Buffer {
  const header = Buffer.from([kind, version, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(id, 4);
  return Buffer.concat([header, ...body]);
}

export function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

export function uint64(value: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(value));
  return octets;
}

/** What one kind of frame is read by. */
export interface FrameReader {
  /** Octets of the shortest body. */
  readonly least: number;
  /** @returns false for a value that the layout does not define */
  read(id: number, body: Buffer): boolean;
}

/** The hook's end of a connection: sends what it is told to, and closes for what is malformed or unexpected. */
export class HookEnd {
  private readonly socket: PacketSocket;

  /** @param readers - by kind; a kind without one is unexpected. */
  constructor(
    fd: number,
    private readonly readers: ReadonlyMap<number, FrameReader>,
    private readonly closed: (reason: CloseReason) => void,
  ) {
    this.socket = new PacketSocket(fd, (octets, descriptor) => this.receive(octets, descriptor), closed);
  }

  send(kind: number, id: number, body: readonly Uint8Array[], descriptor?: number): boolean {
    return this.socket.send(frame(kind, id, body), descriptor);
  }

  /** Sends any octets as a packet; a descriptor passed along is taken over. */
  sendRaw(octets: Uint8Array, descriptor?: number): boolean {
    return this.socket.send(octets, descriptor);
  }

  close(): void {
    this.socket.close();
  }

  private receive(octets: Buffer, descriptor: number): void {
    const isFrame = octets.length >= HEADER_LENGTH && octets[1] === VERSION && descriptor === -1;
    const reader = isFrame ? this.readers.get(octets.readUInt8(0)) : undefined;
    const body = octets.subarray(HEADER_LENGTH);
    if (reader !== undefined && body.length >= reader.least && reader.read(octets.readUInt32BE(4), body)) {
      return;
    }
    this.socket.close();
    this.closed(isFrame && reader === undefined ? 'unexpected' : 'malformed');
  }
}
