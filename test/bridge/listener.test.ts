// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { closeDescriptor, Listener } from '../../src/bridge';
import { until } from '../support/until';
import { TestDirectory } from '../support/test-directory';
import { runFixture } from './support/fixture';
import { HookPeer } from './support/hook-peer';
import { Recorder } from './support/recorder';

describe('a listener', () => {
  const folder = TestDirectory.forEachTest();
  let path: string;

  beforeEach(() => {
    path = folder.file('engine.sock');
  });

  /** Answers every command with its own text. */
  function serve(): Listener {
    return new Listener(path, {
      connection: (fd) => {
        new Recorder(fd, (frame, channel) => {
          if (frame.kind === 'command') {
            channel.answer(frame.id, frame.text);
          }
        });
      },
    });
  }

  test('hands each connection over', async () => {
    const listener = serve();
    const peers = Array.from({ length: 20 }, () => HookPeer.connect(path));
    await expect(Promise.all(peers.map((peer, i) => peer.command(String(i))))).resolves.toEqual(
      peers.map((_, i) => String(i)),
    );
    peers.forEach((peer) => peer.close());
    listener.close();
  });

  test.each([0o000, 0o022, 0o077])('makes its socket with mode 0660 under umask %o', (umask) => {
    const before = process.umask(umask);
    const listener = serve();
    process.umask(before);
    expect(statSync(path).mode & 0o7777).toBe(0o660);
    listener.close();
  });

  test('removes its socket when it closes, and leaves one that took its place', () => {
    const first = serve();
    renameSync(path, `${path}.old`);
    const second = serve();
    first.close();
    expect(existsSync(path)).toBe(true);
    second.close();
    expect(existsSync(path)).toBe(false);
    second.close();
  });

  test('tells who has connected', async () => {
    const peers: unknown[] = [];
    const listener = new Listener(path, {
      connection: (fd, peer) => {
        closeDescriptor(fd);
        peers.push(peer);
      },
    });
    const own = process.geteuid?.() ?? 0;
    const peer = HookPeer.connect(path);
    await until('the connection', () => peers.length > 0);
    expect(peers).toEqual([{ uid: own, pid: process.pid }]);
    peer.close();
    listener.close();
  });

  test('takes no connection after close()', async () => {
    let connections = 0;
    const listener = new Listener(path, { connection: () => ++connections });
    const peer = HookPeer.connect(path);
    const asked = peer.command('x');
    listener.close();
    await expect(asked).rejects.toThrow('ended');
    expect(connections).toBe(0);
  });

  test('takes the place of a socket at which nobody listens any more', async () => {
    const { status } = runFixture('listen-and-die.cjs', [path]);
    expect(status).toBe(7);
    expect(existsSync(path)).toBe(true);
    const listener = serve();
    const peer = HookPeer.connect(path);
    await expect(peer.command('anybody?')).resolves.toBe('anybody?');
    peer.close();
    listener.close();
  });

  test('refuses a socket at which somebody listens', async () => {
    const listener = serve();
    expect(serve).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    expect(serve).toThrow(`path: ${path}: address already in use`);
    const peer = HookPeer.connect(path);
    await expect(peer.command('still there')).resolves.toBe('still there');
    peer.close();
    listener.close();
  });

  test('refuses a socket of another type at which somebody listens', async () => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    expect(serve).toThrow('address already in use');
    expect(existsSync(path)).toBe(true);
    server.close();
  });

  test('leaves a file that is no socket alone', () => {
    writeFileSync(path, 'precious');
    expect(serve).toThrow('address already in use');
    expect(statSync(path).size).toBe(8);
  });

  test.each([
    ['empty', ''],
    ['too long', `/tmp/${'x'.repeat(103)}`],
    ['with a zero octet', '/tmp/a\0b'],
  ])('refuses a path that is %s', (_name, bad) => {
    expect(() => new Listener(bad, { connection: () => undefined })).toThrow(
      /^path: must be a path of 1 to 107/,
    );
  });

  test('says which path has no directory', () => {
    const bad = folder.file('none/engine.sock');
    expect(() => new Listener(bad, { connection: () => undefined })).toThrow(`path: ${bad}: no such file`);
    expect(() => HookPeer.connect(bad)).toThrow(`path: ${bad}: no such file`);
  });

  test('refuses a descriptor that is not listening', () => {
    expect(() => new Listener({ fd: 0 }, { connection: () => undefined })).toThrow(/^fd: must be/);
  });

  test('adopts the descriptor of socket activation, and leaves its path', () => {
    const { status, stdout, stderr } = runFixture('adopt-listener.cjs', [path]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'served\n', stderr: '' });
    expect(existsSync(path)).toBe(true);
  });

  test('outlives a shortage of descriptors without spinning', () => {
    const { status, stdout, stderr } = runFixture('out-of-descriptors.cjs', [path], 'ulimit -n 40');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('refused some, then served\n');
  });

  test('is not refused to a group that may write', () => {
    // Only root may connect in spite of the mode, so look with another user's eyes.
    if (process.getuid?.() !== 0) {
      return;
    }
    chmodSync(folder.path, 0o755);
    const listener = serve();
    const test = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', '--regid=0', 'test', '-w', path]);
    const stranger = spawnSync('setpriv', [
      '--reuid=65534',
      '--clear-groups',
      '--regid=65534',
      'test',
      '-w',
      path,
    ]);
    listener.close();
    expect([test.status, stranger.status]).toEqual([0, 1]);
  });
});
