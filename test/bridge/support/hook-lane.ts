// SPDX-License-Identifier: MPL-2.0

import type { CloseReason, Gathered } from '../../../src/bridge';
import { HookEnd, kinds, MAX_FRAME_LENGTH, uint32, uint64 } from './frames';
import { Pending } from './pending';

/** A datagram as the hook asks about it. */
export interface Datagram {
  /** Of the subnet: off, optional, encrypted, authenticated. */
  readonly mode: 0 | 1 | 2 | 3;
  readonly interfaceIndex: number;
  /** 16 octets. */
  readonly source: Uint8Array;
  readonly octets: Gathered;
}

export interface LaneVerdict {
  readonly action: 'drop' | 'replace' | 'reply';
  readonly credential: 0 | 1 | 2;
  readonly reason: number;
  readonly handle: number;
  readonly text: string;
  /** Empty where there is none. */
  readonly hostIdentifier: Buffer;
  /** 66 octets; zeros where there is none. */
  readonly sender: Buffer;
  readonly octets: Buffer;
}

const ACTIONS = ['drop', 'replace', 'reply'] as const;
const CREDENTIALS = [0, 1, 2] as const;
const MAX_HOST_IDENTIFIER = 255;
/** Where the sender and the text begin. */
const [SENDER, TEXT] = [16, 82];

/** @returns undefined where the body has a value that the layout does not define */
function readVerdict(body: Buffer): LaneVerdict | undefined {
  const action = ACTIONS[body.readUInt8(0)];
  const credential = CREDENTIALS[body.readUInt8(1)];
  const handle = Number(body.readBigUInt64BE(4));
  const hostIdentifier = TEXT + body.readUInt16BE(12);
  const octets = hostIdentifier + body.readUInt16BE(14);
  const isDefined =
    Number.isSafeInteger(handle) && octets - hostIdentifier <= MAX_HOST_IDENTIFIER && octets <= body.length;
  if (action === undefined || credential === undefined || !isDefined) {
    return undefined;
  }
  return {
    action,
    credential,
    reason: body.readUInt16BE(2),
    handle,
    text: body.toString('utf8', TEXT, hostIdentifier),
    hostIdentifier: body.subarray(hostIdentifier, octets),
    sender: body.subarray(SENDER, TEXT),
    octets: body.subarray(octets),
  };
}

/** @throws TypeError that names the argument it refuses */
function receiveBody({ mode, interfaceIndex, source, octets }: Datagram): Uint8Array[] {
  const pieces = octets instanceof Uint8Array ? [octets] : octets;
  const length = 32 + pieces.reduce((sum, piece) => sum + piece.length, 0);
  const isUint32 = Number.isInteger(interfaceIndex) && interfaceIndex >= 0 && interfaceIndex < 2 ** 32;
  for (const [name, isGood] of [
    ['mode', [0, 1, 2, 3].includes(mode)],
    ['interfaceIndex', isUint32],
    ['source', source.length === 16],
    ['octets', length <= MAX_FRAME_LENGTH],
  ] as const) {
    if (!isGood) {
      throw new TypeError(`${name}: no such value in a frame of at most ${MAX_FRAME_LENGTH}`);
    }
  }
  return [Buffer.from([mode, 0, 0, 0]), uint32(interfaceIndex), source, ...pieces];
}

/** The hook's end of a lane. Answers come as promises, which are rejected when the lane ends. */
export class HookLane {
  private readonly end: HookEnd;
  private readonly verdicts = new Pending<LaneVerdict>();
  private nextId = 1;

  /** @param fd - a connected Unix SEQPACKET socket, which belongs to the lane from then on. */
  constructor(fd: number, closed?: (reason: CloseReason) => void) {
    const readers = new Map([
      [kinds.verdict, { least: 82, read: (id: number, body: Buffer) => this.verdict(id, body) }],
    ]);
    this.end = new HookEnd(fd, readers, (reason) => {
      this.rejectAll(reason);
      closed?.(reason);
    });
  }

  /** Asks for the verdict on a datagram. */
  receive(datagram: Datagram): Promise<LaneVerdict> {
    const id = this.nextId++;
    return this.verdicts.ask(id, () => this.end.send(kinds.receive, id, receiveBody(datagram)));
  }

  /** Has Kea's answer to the query of `handle` sealed. */
  send(handle: number, octets: Uint8Array): Promise<LaneVerdict> {
    const id = this.nextId++;
    return this.verdicts.ask(id, () => this.end.send(kinds.send, id, [uint64(handle), octets]));
  }

  /** Sends any octets as a packet; a descriptor passed along is taken over. */
  sendRaw(octets: Uint8Array, fd?: number): boolean {
    return this.end.sendRaw(octets, fd);
  }

  close(): void {
    this.end.close();
    this.rejectAll('ended');
  }

  private verdict(id: number, body: Buffer): boolean {
    const verdict = readVerdict(body);
    if (verdict !== undefined) {
      this.verdicts.answer(id, verdict);
    }
    return verdict !== undefined;
  }

  private rejectAll(reason: CloseReason): void {
    const error = new Error(`the lane has ended: ${reason}`);
    this.verdicts.rejectAll(error);
  }
}
