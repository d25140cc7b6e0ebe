// SPDX-License-Identifier: MPL-2.0

import { printable } from '../support';
import { native, type CloseReason, type Gathered, type NativeEndpoint } from './native';

/** A frame from the hook. Octets are views that hold only until the handler returns: copy what is to stay. */
export type InboundFrame =
  /** The descriptor is that of a file with the text, and the receiver's to close. */
  | { readonly kind: 'configure'; readonly id: number; readonly fd: number }
  /** A lane for a worker; the descriptor is the receiver's, to serve with a Channel or to close. */
  | { readonly kind: 'lane'; readonly id: number; readonly worker: number; readonly fd: number }
  | { readonly kind: 'command'; readonly id: number; readonly text: string }
  | {
      readonly kind: 'receive';
      readonly id: number;
      /** Of the subnet: off, optional, encrypted, authenticated. */
      readonly mode: 0 | 1 | 2 | 3;
      readonly interfaceIndex: number;
      /** 16 octets. */
      readonly source: Buffer;
      readonly octets: Buffer;
    }
  | { readonly kind: 'send'; readonly id: number; readonly handle: number; readonly octets: Buffer };

export interface ChannelHandlers {
  frame(frame: InboundFrame): void;
  /** The connection has ended, and not by close(). */
  closed(reason: CloseReason): void;
}

/** The engine's word on a datagram, or on an answer of Kea's (docs/engine-channel.md). */
export interface ChannelVerdict {
  readonly action: 'drop' | 'replace' | 'reply';
  /** Index into the reasons of CONFIGURED; of a reply the failure that it tells of, or {@link noReason}. */
  readonly reason?: number;
  /** How the sender is known: not, by certificate, by public key, unproven. */
  readonly credential?: 0 | 1 | 2 | 3;
  /** Comes back with Kea's answer; below 2^53. */
  readonly handle?: number;
  /** Of a drop: how long the hook need not ask about others of a scope (its number) that are like it. */
  readonly pause?: { readonly scope: number; readonly milliseconds: number } | undefined;
  readonly text?: string;
  readonly octets?: Gathered;
  /** What Kea looks host reservations up by, at most 255 octets. */
  readonly hostIdentifier?: Uint8Array | undefined;
  /** Who has proved a query, 66 octets (native/channel/frame.h). */
  readonly sender?: Uint8Array | undefined;
}

/** A reply that tells of no failure has this for a reason. */
export const noReason: number = native.reasons.none;

/** Characters of a text that fit into a frame whatever they are: of at most three octets each, or of six in JSON. */
const MAX_TEXT_LENGTH = 8192;

/** The beginning of a text, as much of it as a frame has room for, in JSON too. */
export function frameText(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH);
}

/**
 * The engine's end of a control connection or of a lane, on this thread's event loop. Malformed or unexpected
 * frames close it. Senders return whether the frame was sent or waits to be sent; after the end they return false.
 * If the hook does not read, answers to packets and log lines are dropped beyond a bound (`dropped` counts them),
 * frames that the hook's state depends on end the connection.
 */
export class Channel {
  private readonly endpoint: NativeEndpoint;

  /**
   * @param fd a connected Unix SEQPACKET socket, which belongs to the channel from then on
   * @throws TypeError that names the argument it refuses; the descriptor is then still the caller's
   */
  constructor(fd: number, handlers: ChannelHandlers) {
    const slab = native.slab();
    this.endpoint = new native.Endpoint(fd, {
      configure: (id, descriptor) => handlers.frame({ kind: 'configure', id, fd: descriptor }),
      lane: (id, worker, descriptor) => handlers.frame({ kind: 'lane', id, worker, fd: descriptor }),
      command: (id, text, end) =>
        handlers.frame({ kind: 'command', id, text: slab.toString('utf8', text, end) }),
      receive: (id, mode, interfaceIndex, source, octets, end) =>
        handlers.frame({
          kind: 'receive',
          id,
          mode,
          interfaceIndex,
          source: slab.subarray(source, octets),
          octets: slab.subarray(octets, end),
        }),
      send: (id, handle, octets, end) =>
        handlers.frame({ kind: 'send', id, handle, octets: slab.subarray(octets, end) }),
      closed: (reason) => handlers.closed(reason),
    });
  }

  /** Frames dropped because the hook did not read. */
  get dropped(): number {
    return this.endpoint.dropped;
  }

  /** Frames that wait for the hook to read. */
  get waiting(): number {
    return this.endpoint.waiting;
  }

  configured(id: number, accepted: boolean, text: string): boolean {
    return this.endpoint.configured(id, native.statuses[accepted ? 'accepted' : 'refused'], text);
  }

  answer(id: number, text: string): boolean {
    return this.endpoint.answer(id, text);
  }

  /** Of a text that is too long for a frame, the beginning is sent. */
  log(severity: 0 | 1 | 2 | 3, text: string): boolean {
    return this.endpoint.log(severity, printable(frameText(text)));
  }

  verdict(id: number, verdict: ChannelVerdict): boolean {
    const { credential = 0, reason = 0, pause, text = '', octets, hostIdentifier, sender } = verdict;
    const { handle = pause === undefined ? 0 : pause.scope * 2 ** 32 + pause.milliseconds } = verdict;
    const action = native.actions[verdict.action];
    return this.endpoint.verdict(
      id,
      action,
      credential,
      reason,
      handle,
      text,
      octets,
      hostIdentifier,
      sender,
    );
  }

  /** No handler runs after this call, not even for frames that have arrived. */
  close(): void {
    this.endpoint.close();
  }
}
