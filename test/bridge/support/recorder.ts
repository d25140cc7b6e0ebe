// SPDX-License-Identifier: MPL-2.0

import { Channel, type CloseReason, type InboundFrame } from '../../../src/bridge';
import { HookLane } from './hook-lane';
import { HookPeer, type HookPeerHandlers } from './hook-peer';
import { socketPair } from './packets';

/** A copy: what the handler is given holds only until it returns. */
function copyOf(frame: InboundFrame): InboundFrame {
  switch (frame.kind) {
    case 'receive':
      return { ...frame, source: Buffer.from(frame.source), octets: Buffer.from(frame.octets) };
    case 'send':
      return { ...frame, octets: Buffer.from(frame.octets) };
    default:
      return frame;
  }
}

/** An engine's end that keeps what it is told, and does with each frame what the test wants. */
export class Recorder {
  readonly frames: InboundFrame[] = [];
  readonly channel: Channel;
  /** Settled when the connection ends. */
  readonly closed: Promise<CloseReason>;

  constructor(fd: number, onFrame: (frame: InboundFrame, channel: Channel) => void = () => undefined) {
    let resolve: (reason: CloseReason) => void = () => undefined;
    this.closed = new Promise((settle) => {
      resolve = settle;
    });
    this.channel = new Channel(fd, {
      frame: (frame) => {
        this.frames.push(copyOf(frame));
        onFrame(frame, this.channel);
      },
      closed: resolve,
    });
  }
}

export interface ControlPair {
  readonly engine: Recorder;
  readonly peer: HookPeer;
}

export function controlPair(
  onFrame?: (frame: InboundFrame, channel: Channel) => void,
  handlers?: HookPeerHandlers,
): ControlPair {
  const [a, b] = socketPair();
  return { engine: new Recorder(a, onFrame), peer: new HookPeer(b, handlers) };
}

export interface LanePair {
  readonly engine: Recorder;
  readonly lane: HookLane;
}

export function lanePair(onFrame?: (frame: InboundFrame, channel: Channel) => void): LanePair {
  const [a, b] = socketPair();
  return { engine: new Recorder(a, onFrame), lane: new HookLane(b) };
}
