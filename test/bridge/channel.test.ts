// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Channel, closeDescriptor, frameText } from '../../src/bridge';
import { HookEnd, kinds } from './support/frames';
import type { HookLane } from './support/hook-lane';
import { HookPeer } from './support/hook-peer';
import { socketPair } from './support/packets';
import { controlPair, lanePair, Recorder } from './support/recorder';

const source = Buffer.from('fe800000000000000000000000000001', 'hex');

describe('a control connection', () => {
  test('carries CONFIGURE and CONFIGURED, accepted and refused', async () => {
    const { engine, peer } = controlPair((frame, channel) => {
      if (frame.kind === 'configure') {
        const text = readFileSync(frame.fd, 'utf8');
        closeDescriptor(frame.fd);
        channel.configured(frame.id, text === 'good', `{"read":"${text}"}`);
      }
    });
    await expect(peer.configure('good')).resolves.toEqual({ accepted: true, text: '{"read":"good"}' });
    await expect(peer.configure('bäd')).resolves.toEqual({ accepted: false, text: '{"read":"bäd"}' });
    expect(engine.frames).toEqual([
      { kind: 'configure', id: 1, fd: expect.any(Number) },
      { kind: 'configure', id: 2, fd: expect.any(Number) },
    ]);
    peer.close();
    await engine.closed;
  });

  test('matches answers to commands by id, in whatever order they come', async () => {
    const { engine, peer } = controlPair((frame, channel) => {
      if (frame.kind === 'command' && frame.text === 'second') {
        channel.answer(frame.id, 'to the second');
        channel.answer(frame.id - 1, 'to the first');
      }
    });
    const answers = await Promise.all([peer.command('first'), peer.command('second')]);
    expect(answers).toEqual(['to the first', 'to the second']);
    engine.channel.close();
    peer.close();
  });

  test('carries the beginning of a LOG text that no frame has room for', async () => {
    const heard: string[] = [];
    const { engine, peer } = controlPair(
      (frame, channel) => {
        expect(channel.log(2, '\u20ac'.repeat(100_000))).toBe(true);
        channel.answer(frame.kind === 'command' ? frame.id : 0, '');
      },
      { log: (_severity, text) => heard.push(text) },
    );
    await peer.command('speak');
    expect(heard).toEqual([expect.stringMatching(/^\u20ac{1000,}$/)]);
    // As JSON has it, with the names around it, a frame has room for it as well.
    expect(Buffer.byteLength(JSON.stringify({ error: frameText('\u0000'.repeat(100_000)) }))).toBeLessThan(
      60_000,
    );
    engine.channel.close();
    peer.close();
  });

  test('carries LOG', async () => {
    const heard: unknown[] = [];
    const { engine, peer } = controlPair(
      (frame, channel) => {
        channel.log(3, 'wörds');
        channel.answer(frame.kind === 'command' ? frame.id : 0, '');
      },
      {
        log: (severity, text) => heard.push([severity, text]),
      },
    );
    await peer.command('speak');
    expect(heard).toEqual([[3, 'wörds']]);
    engine.channel.close();
    peer.close();
  });

  test('hands lanes over with their descriptors', async () => {
    const lanes: Recorder[] = [];
    const { engine, peer } = controlPair((frame) => {
      if (frame.kind === 'lane') {
        lanes.push(
          new Recorder(frame.fd, (datagram, lane) => {
            if (datagram.kind === 'receive') {
              const verdict = {
                action: 'drop',
                reason: frame.worker,
                credential: 0,
                handle: 0,
                text: '',
              } as const;
              lane.verdict(datagram.id, verdict);
            }
          }),
        );
      }
    });
    const open = [5, 6].map((worker) => peer.openLane(worker));
    const datagram = { mode: 1, interfaceIndex: 0, source, octets: Buffer.alloc(0) } as const;
    const verdicts = await Promise.all(open.map((lane) => lane.receive(datagram)));
    expect(verdicts.map(({ reason }) => reason)).toEqual([5, 6]);
    open.forEach((lane) => lane.close());
    await expect(Promise.all(lanes.map(({ closed }) => closed))).resolves.toEqual(['ended', 'ended']);
    peer.close();
    await engine.closed;
  });
});

describe('a lane', () => {
  test('carries a pause where a handle would be (native/channel/frame.h)', async () => {
    const { engine, lane } = lanePair((frame, channel) => {
      channel.verdict(frame.id, { action: 'drop', reason: 1, pause: { scope: 3, milliseconds: 20 } });
    });
    const datagram = { mode: 1, interfaceIndex: 0, source, octets: Buffer.alloc(4) } as const;
    expect(await lane.receive(datagram)).toMatchObject({ action: 'drop', handle: 0x3_0000_0014 });
    lane.close();
    await engine.closed;
  });

  test('carries RECEIVE and VERDICT with every field', async () => {
    const octets = Buffer.from('fb0000010000', 'hex');
    const { engine, lane } = lanePair((frame, channel) => {
      if (frame.kind === 'receive') {
        const parts = [frame.source, Buffer.alloc(0), frame.octets];
        channel.verdict(frame.id, {
          action: 'reply',
          reason: 65535,
          credential: 2,
          handle: Number.MAX_SAFE_INTEGER,
          text: 'CN=ümlaut',
          octets: parts,
          hostIdentifier: Buffer.from('host-ü'),
          sender: Buffer.alloc(66, 's'),
        });
      }
    });
    const verdict = await lane.receive({
      mode: 3,
      interfaceIndex: 4294967295,
      source,
      octets: [octets.subarray(0, 2), octets.subarray(2)],
    });
    expect(engine.frames).toEqual([
      { kind: 'receive', id: 1, mode: 3, interfaceIndex: 4294967295, source, octets },
    ]);
    expect(verdict).toEqual({
      action: 'reply',
      reason: 65535,
      credential: 2,
      handle: Number.MAX_SAFE_INTEGER,
      text: 'CN=ümlaut',
      hostIdentifier: Buffer.from('host-ü'),
      sender: Buffer.alloc(66, 's'),
      octets: Buffer.concat([source, octets]),
    });
    lane.close();
    await engine.closed;
  });

  test('carries SEND and VERDICT', async () => {
    const { engine, lane } = lanePair((frame, channel) => {
      if (frame.kind === 'send') {
        const octets = frame.octets.length === 0 ? {} : { octets: frame.octets };
        channel.verdict(frame.id, {
          action: frame.octets.length === 0 ? 'drop' : 'replace',
          reason: 9,
          ...octets,
        });
      }
    });
    const sealed = await lane.send(2 ** 40, Buffer.from('answer'));
    expect(sealed).toMatchObject({ action: 'replace', reason: 9, octets: Buffer.from('answer') });
    const dropped = await lane.send(0, Buffer.alloc(0));
    expect(dropped).toMatchObject({ action: 'drop', reason: 9, octets: Buffer.alloc(0) });
    expect(engine.frames.map((frame) => frame.kind === 'send' && frame.handle)).toEqual([2 ** 40, 0]);
    lane.close();
    await engine.closed;
  });

  test('carries a datagram of the greatest length, and refuses to send more', async () => {
    const { engine, lane } = lanePair((frame, channel) => {
      if (frame.kind === 'receive') {
        channel.verdict(frame.id, { action: 'replace', octets: frame.octets });
      }
    });
    const octets = Buffer.alloc(65527, 0xa5);
    const datagram = { mode: 2, interfaceIndex: 1, source } as const;
    const verdict = await lane.receive({ ...datagram, octets });
    expect(verdict.octets.equals(octets)).toBe(true);
    await expect(lane.receive({ ...datagram, octets: Buffer.alloc(66560) })).rejects.toThrow(
      /^octets: .*66560$/,
    );
    lane.close();
    await engine.closed;
  });

  test('delivers everything that waits in one turn of the loop, in order', async () => {
    const { engine, lane } = lanePair();
    for (let i = 0; i < 100; ++i) {
      lane.send(i, Buffer.from([i])).catch(() => undefined);
    }
    await nextTurn();
    await nextTurn();
    expect(engine.frames).toEqual(
      Array.from({ length: 100 }, (_, i) => ({
        kind: 'send',
        id: i + 1,
        handle: i,
        octets: Buffer.from([i]),
      })),
    );
    lane.close();
    await engine.closed;
  });

  test('rejects what is asked when it ends', async () => {
    const { engine, lane } = lanePair((_frame, channel) => channel.close());
    await expect(lane.send(1, Buffer.alloc(1))).rejects.toThrow('the lane has ended: ended');
    await expect(lane.send(1, Buffer.alloc(1))).rejects.toThrow('does not take the frame');
    expect(engine.frames).toHaveLength(1);
  });
});

describe('the end of a channel', () => {
  test('is told when the peer goes, once, after the frames that came before', async () => {
    const { engine, lane } = lanePair();
    lane.send(1, Buffer.alloc(1)).catch(() => undefined);
    lane.close();
    await expect(engine.closed).resolves.toBe('ended');
    expect(engine.frames).toHaveLength(1);
  });

  test('no handler runs after close(), not even for frames that have arrived', async () => {
    let closed = 0;
    const [a, b] = socketPair();
    const kinds: string[] = [];
    const channel: Channel = new Channel(a, {
      frame: (frame) => {
        kinds.push(frame.kind);
        channel.close();
      },
      closed: () => ++closed,
    });
    const peer = new HookPeer(b);
    const asked = [peer.command('1'), peer.command('2')];
    const lane = peer.openLane(0);
    // The descriptor that comes with the frame that nobody is given is closed as well, and so the lane ends.
    const sealed = lane.send(1, Buffer.alloc(0));
    const answers = await Promise.allSettled([...asked, sealed]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(kinds).toEqual(['command']);
    expect(closed).toBe(0);
    peer.close();
  });

  test('closes the descriptor; senders then return false', () => {
    const [a, b] = socketPair();
    const { channel } = new Recorder(a);
    expect(channel.log(0, 'x')).toBe(true);
    channel.close();
    channel.close();
    expect(() => fstatSync(a)).toThrow('EBADF');
    expect(channel.log(0, 'x')).toBe(false);
    expect(channel.verdict(1, { action: 'drop' })).toBe(false);
    closeSync(b);
  });

  test('comes for a sender that finds the peer gone', async () => {
    const [a, b] = socketPair();
    const engine = new Recorder(a);
    closeSync(b);
    expect(engine.channel.log(0, 'x')).toBe(false);
    await expect(engine.closed).resolves.toBe('failed');
  });
});

describe('a peer that does not read', () => {
  test('costs lane frames beyond the bound, which are counted, and the others wait in order', async () => {
    const [a, b] = socketPair();
    const { channel } = new Recorder(a);
    const octets = Buffer.alloc(60000);
    let sent = 0;
    while (channel.verdict(sent, { action: 'replace', octets })) {
      ++sent;
    }
    expect(channel.verdict(sent, { action: 'replace', octets })).toBe(false);
    expect(channel.dropped).toBe(2);
    // 8 MiB wait, and what the socket holds.
    expect(channel.waiting).toBeGreaterThan(130);
    expect(channel.waiting).toBeLessThan(sent);

    const ids: number[] = [];
    await new Promise<void>((resolve) => {
      const read = (id: number): boolean => {
        ids.push(id);
        if (id === sent - 1) {
          peer.close();
          resolve();
        }
        return true;
      };
      const peer = new HookEnd(b, new Map([[kinds.verdict, { least: 82, read }]]), () => undefined);
    });
    expect(ids).toEqual(Array.from({ length: sent }, (_, i) => i));
    expect(channel.waiting).toBe(0);
    channel.close();
  });

  test('ends the connection where frames that must not be lost find no room', async () => {
    const [a, b] = socketPair();
    const engine = new Recorder(a);
    const text = 'x'.repeat(66_000);
    let sent = 0;
    while (engine.channel.answer(1, text)) {
      ++sent;
    }
    expect(sent).toBeGreaterThan(1000);
    await expect(engine.closed).resolves.toBe('overflow');
    closeSync(b);
  });
});

describe('two threads of thought on one loop', () => {
  test('channels do not see each other’s frames', async () => {
    const pairs = Array.from({ length: 20 }, (_, i) =>
      lanePair((frame, channel) => {
        if (frame.kind === 'send') {
          channel.verdict(frame.id, {
            action: 'replace',
            reason: i,
            octets: [frame.octets, Buffer.from([i])],
          });
        }
      }),
    );
    const rounds = Array.from({ length: 10 }, (_, round) => round);
    const answers = await Promise.all(
      pairs.flatMap(({ lane }: { lane: HookLane }, i) =>
        rounds.map(async (round) => {
          const { octets, reason } = await lane.send(1, Buffer.from([round]));
          return octets.equals(Buffer.from([round, i])) && reason === i;
        }),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, () => true));
    pairs.forEach(({ lane }) => lane.close());
    await Promise.all(pairs.map(({ engine }) => engine.closed));
  });
});
