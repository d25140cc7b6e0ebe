// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import type { Gathered } from '../../src/bridge';
import { openFile } from './support/descriptors';
import { frame as frameOf } from './support/frames';
import { HookLane } from './support/hook-lane';
import { HookPeer } from './support/hook-peer';
import { socketPair } from './support/packets';
import { Recorder } from './support/recorder';

/** Its first fields, no sender, and what follows. */
function verdictBody(fields: string, rest = ''): Buffer {
  return Buffer.concat([Buffer.from(fields, 'hex'), Buffer.alloc(66), Buffer.from(rest, 'hex')]);
}

function frame(kind: number, body: Buffer = Buffer.alloc(0), version?: number): Buffer {
  return frameOf(kind, 1, [body], version);
}

const receive = Buffer.alloc(24);
const badMode = Buffer.from(receive);
badMode[0] = 4;

/** Everything a hook does not send to an engine. */
const refused: readonly (readonly [string, Buffer, 'malformed' | 'unexpected'])[] = [
  ['one octet', Buffer.from([0x01]), 'malformed'],
  ['seven octets', frame(0x01).subarray(0, 7), 'malformed'],
  ['version 0', frame(0x03, Buffer.from('{}'), 0), 'malformed'],
  ['version 1', frame(0x03, Buffer.from('{}'), 1), 'malformed'],
  ['version 2', frame(0x03, Buffer.from('{}'), 2), 'malformed'],
  ['version 3', frame(0x03, Buffer.from('{}'), 3), 'malformed'],
  ['version 4', frame(0x03, Buffer.from('{}'), 4), 'malformed'],
  ['version 6', frame(0x03, Buffer.from('{}'), 6), 'malformed'],
  ['kind 0', frame(0x00), 'malformed'],
  ['kind 4', frame(0x04), 'malformed'],
  ['kind 255', frame(0xff), 'malformed'],
  ['CONFIGURE without a descriptor', frame(0x01), 'malformed'],
  ['LANE without its worker', frame(0x02, Buffer.alloc(1)), 'malformed'],
  ['LANE without a descriptor', frame(0x02, Buffer.alloc(2)), 'malformed'],
  ['RECEIVE that ends in the source address', frame(0x11, receive.subarray(0, 23)), 'malformed'],
  ['RECEIVE of mode 4', frame(0x11, badMode), 'malformed'],
  ['SEND without a whole handle', frame(0x12, Buffer.alloc(7)), 'malformed'],
  ['SEND of a handle of 2^53', frame(0x12, Buffer.from('0020000000000000', 'hex')), 'malformed'],
  ['a frame of more than the greatest length', frame(0x12, Buffer.alloc(66560)), 'malformed'],
  ['CONFIGURED', frame(0x81, Buffer.alloc(1)), 'unexpected'],
  ['ANSWER', frame(0x83), 'unexpected'],
  ['LOG', frame(0x84, Buffer.alloc(1)), 'unexpected'],
  ['kind 133', frame(0x85, Buffer.alloc(1)), 'malformed'],
  ['VERDICT', frame(0x91, Buffer.alloc(82)), 'unexpected'],
];

/** Everything an engine does not send to a hook. */
const refusedByHook: readonly (readonly [string, Buffer])[] = [
  ['CONFIGURED of status 2', frame(0x81, Buffer.from([2]))],
  ['LOG of severity 4', frame(0x84, Buffer.from([4]))],
  ['kind 133', frame(0x85, Buffer.alloc(1))],
  ['VERDICT', frame(0x91, Buffer.alloc(82))],
  ['CONFIGURE', frame(0x01)],
];

const refusedByLane: readonly (readonly [string, Buffer])[] = [
  ['VERDICT of action 3', frame(0x91, verdictBody('03000000000000000000000000000000'))],
  ['VERDICT of credential 3', frame(0x91, verdictBody('00030000000000000000000000000000'))],
  ['VERDICT of a handle of 2^53', frame(0x91, verdictBody('00000000002000000000000000000000'))],
  ['VERDICT without whole lengths', frame(0x91, Buffer.alloc(81))],
  ['VERDICT whose text overruns', frame(0x91, verdictBody('00000000000000000000000000010000'))],
  [
    'VERDICT whose host identifier overruns',
    frame(0x91, verdictBody('00000000000000000000000000010001', '61')),
  ],
  [
    'VERDICT of a host identifier of 256 octets',
    frame(0x91, verdictBody('00000000000000000000000000000100', '00'.repeat(256))),
  ],
];

describe('the engine’s end closes for', () => {
  test.each(refused)('%s', async (_name, octets, reason) => {
    const [a, b] = socketPair();
    const engine = new Recorder(a);
    const peer = new HookPeer(b);
    const before = peer.command('before');
    peer.sendRaw(octets);
    const after = peer.command('after');
    await expect(engine.closed).resolves.toBe(reason);
    expect(engine.frames).toEqual([{ kind: 'command', id: 1, text: 'before' }]);
    await expect(before).rejects.toThrow('ended');
    await expect(after).rejects.toThrow('ended');
  });

  test('an empty packet, which cannot be told from the end', async () => {
    const [a, b] = socketPair();
    const engine = new Recorder(a);
    const peer = new HookPeer(b);
    peer.sendRaw(Buffer.alloc(0));
    await expect(engine.closed).resolves.toBe('ended');
    peer.close();
  });

  test('a descriptor with a frame that takes none, and closes the descriptor', async () => {
    const file = openFile();
    const [a, b] = socketPair();
    const engine = new Recorder(a);
    const peer = new HookPeer(b);
    expect(file.isHeld()).toBe(true);
    peer.sendRaw(frame(0x03, Buffer.from('{}')), file.fd);
    await expect(engine.closed).resolves.toBe('malformed');
    expect(engine.frames).toEqual([]);
    peer.close();
    expect(file.isHeld()).toBe(false);
  });
});

describe('the hook’s end closes for', () => {
  test.each(refusedByHook)('%s', async (_name, octets) => {
    const [a, b] = socketPair();
    const engine = new HookPeer(a);
    const reason = await new Promise((resolve) => {
      new HookPeer(b, { closed: resolve });
      engine.sendRaw(octets);
    });
    expect(['malformed', 'unexpected']).toContain(reason);
    engine.close();
  });

  test.each(refusedByLane)('%s', async (_name, octets) => {
    const [a, b] = socketPair();
    const engine = new HookLane(a);
    const reason = await new Promise((resolve) => {
      new HookLane(b, resolve);
      engine.sendRaw(octets);
    });
    expect(reason).toBe('malformed');
    engine.close();
  });
});

describe('arguments are refused by name', () => {
  const [a, b] = socketPair();
  const engine = new Recorder(a);
  const lane = new HookLane(b);
  const verdict = { action: 'drop', reason: 0, credential: 0, handle: 0, text: '' } as const;
  const datagram = {
    mode: 0,
    interfaceIndex: 0,
    source: Buffer.alloc(16),
    octets: Buffer.alloc(0),
  } as const;

  afterAll(() => {
    engine.channel.close();
    lane.close();
  });

  test.each([
    ['id', () => engine.channel.answer(-1, '')],
    ['id', () => engine.channel.answer(2 ** 32, '')],
    ['id', () => engine.channel.answer(1.5, '')],
    ['text', () => engine.channel.answer(1, 7 as unknown as string)],
    ['text', () => engine.channel.answer(1, 'x'.repeat(66553))],
    ['severity', () => engine.channel.log(4 as unknown as 3, '')],
    ['sender', () => engine.channel.verdict(1, { ...verdict, sender: Buffer.alloc(65) })],
    ['sender', () => engine.channel.verdict(1, { ...verdict, sender: 'x' as unknown as Buffer })],
    ['reason', () => engine.channel.verdict(1, { ...verdict, reason: 65536 })],
    ['credential', () => engine.channel.verdict(1, { ...verdict, credential: 4 as unknown as 3 })],
    ['handle', () => engine.channel.verdict(1, { ...verdict, handle: 2 ** 53 })],
    ['text', () => engine.channel.verdict(1, { ...verdict, text: 'x'.repeat(65536) })],
    ['hostIdentifier', () => engine.channel.verdict(1, { ...verdict, hostIdentifier: Buffer.alloc(256) })],
    ['octets', () => engine.channel.verdict(1, { ...verdict, octets: 'x' as unknown as Buffer })],
    ['octets', () => engine.channel.verdict(1, { ...verdict, octets: [1] as unknown as Gathered })],
    ['octets', () => engine.channel.verdict(1, { ...verdict, octets: Buffer.alloc(66560) })],
    [
      'octets',
      () =>
        engine.channel.verdict(1, {
          action: 'replace',
          octets: Array.from({ length: 34 }, () => Buffer.alloc(1)),
        }),
    ],
    ['action', () => engine.channel.verdict(1, { action: 'seal' as unknown as 'drop' })],
  ])('%s', (name, call) => {
    expect(call).toThrow(new RegExp(`^${name}: `));
  });

  test.each([
    ['mode', { ...datagram, mode: 4 as unknown as 3 }],
    ['interfaceIndex', { ...datagram, interfaceIndex: Number.NaN }],
    ['source', { ...datagram, source: Buffer.alloc(4) }],
  ])('%s of a datagram', async (name, bad) => {
    await expect(lane.receive(bad)).rejects.toThrow(new RegExp(`^${name}: `));
  });

  test('fd: what is no Unix SEQPACKET socket, which stays open', async () => {
    const file = openFile();
    for (const fd of [-1, 1.5, 2 ** 31, 99999, file.fd, '3' as unknown as number]) {
      expect(() => new Recorder(fd)).toThrow(/^fd: /);
    }
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const stream = connect(port, '127.0.0.1');
    await once(stream, 'connect');
    const { fd } = (stream as unknown as { _handle: { fd: number } })._handle;
    expect(() => new Recorder(fd)).toThrow('fd: must be a Unix SEQPACKET socket');
    stream.destroy();
    server.close();
    file.close();
  });
});
