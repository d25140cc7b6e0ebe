// SPDX-License-Identifier: MPL-2.0

import { native, type CloseReason, type Gathered, type NativeEndpoint } from './native';
import { Pending } from './pending';

/** A datagram as the hook asks about it. */
export interface Datagram {
  /** Of the subnet: off, optional, encrypted, authenticated. */
  readonly mode: 0 | 1 | 2 | 3;
  readonly subnetId: number;
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
  readonly octets: Buffer;
}

export interface LaneSealed {
  readonly action: 'drop' | 'replace';
  readonly reason: number;
  readonly octets: Buffer;
}

/** The hook's end of a lane. Answers come as promises, which are rejected when the lane ends. */
export class HookLane {
  private readonly endpoint: NativeEndpoint;
  private readonly verdicts = new Pending<LaneVerdict>();
  private readonly seals = new Pending<LaneSealed>();
  private nextId = 1;

  /** @param fd a connected Unix SEQPACKET socket, which belongs to the lane from then on */
  constructor(fd: number, closed?: (reason: CloseReason) => void) {
    const slab = native.slab();
    const { drop, replace } = native.actions;
    this.endpoint = new native.Endpoint(fd, {
      verdict: (id, action, credential, reason, handle, text, hostIdentifier, octets, end) =>
        this.verdicts.answer(id, {
          action: action === drop ? 'drop' : action === replace ? 'replace' : 'reply',
          credential,
          reason,
          handle,
          text: slab.toString('utf8', text, hostIdentifier),
          hostIdentifier: Buffer.from(slab.subarray(hostIdentifier, octets)),
          octets: Buffer.from(slab.subarray(octets, end)),
        }),
      sealed: (id, action, reason, octets, end) =>
        this.seals.answer(id, {
          action: action === drop ? 'drop' : 'replace',
          reason,
          octets: Buffer.from(slab.subarray(octets, end)),
        }),
      closed: (reason) => {
        this.rejectAll(reason);
        closed?.(reason);
      },
    });
  }

  /** Asks for the verdict on a datagram. */
  receive(datagram: Datagram): Promise<LaneVerdict> {
    const id = this.nextId++;
    const { mode, subnetId, interfaceIndex, source, octets } = datagram;
    return this.verdicts.ask(id, () =>
      this.endpoint.receive(id, mode, subnetId, interfaceIndex, source, octets),
    );
  }

  /** Has Kea's answer to the query of `handle` sealed. */
  send(handle: number, octets: Gathered): Promise<LaneSealed> {
    const id = this.nextId++;
    return this.seals.ask(id, () => this.endpoint.send(id, handle, octets));
  }

  /** Sends any octets as a packet; a descriptor passed along is taken over. */
  sendRaw(octets: Uint8Array, fd?: number): boolean {
    return this.endpoint.raw(octets, fd);
  }

  close(): void {
    this.endpoint.close();
    this.rejectAll('ended');
  }

  private rejectAll(reason: CloseReason): void {
    const error = new Error(`the lane has ended: ${reason}`);
    this.verdicts.rejectAll(error);
    this.seals.rejectAll(error);
  }
}
