// SPDX-License-Identifier: MPL-2.0

import { dirname, join } from 'node:path';
import type { CloseReason } from '../../../src/bridge';

/** A Unix SEQPACKET socket on this thread's event loop. */
export interface PacketSocket {
  /** Takes the descriptor over. @returns whether the packet was sent, or will be */
  send(octets: Uint8Array, descriptor?: number): boolean;
  /** From here on nothing is called. */
  close(): void;
}

/** The exports of test/native/bridge/addon.cc. */
interface Packets {
  readonly PacketSocket: new (
    fd: number,
    /** The descriptor that came along, or -1. */
    packet: (octets: Buffer, descriptor: number) => void,
    closed: (reason: CloseReason) => void,
  ) => PacketSocket;
  /** Both ends of a new SEQPACKET connection. */
  readonly socketPair: () => [number, number];
  /** A connection to who listens at the path. */
  readonly connect: (path: string) => number;
}

/** Beside the addon under test. */
const bridge =
  process.env['KEA_HOOKS_BRIDGE'] ?? join(__dirname, '../../../build/Release/kea_hooks_bridge.node');
const holder: { exports: Partial<Packets> } = { exports: {} };
process.dlopen(holder, join(dirname(bridge), 'kea_hooks_packets.node'));

export const { PacketSocket, socketPair, connect } = holder.exports as Packets;
