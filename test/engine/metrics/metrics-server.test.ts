// SPDX-License-Identifier: MPL-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { MetricsServer, type ServerLimits } from '../../../src/engine/metrics/metrics-server';
import { TestDirectory } from '../../support/test-directory';

/** Listens and accepts nothing. */
const BUSY = `
  require('node:net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => {
    process.stdout.write('listens');
    process.kill(process.pid, 'SIGSTOP');
  });`;

describe('the server', () => {
  const directory = TestDirectory.forEachTest();
  let path: string;

  beforeEach(() => {
    path = directory.file('socket');
  });

  function ask(method: string, target: string, render = 'a 1\n'): Promise<[number | undefined, string]> {
    return withServer(
      () => Promise.resolve(render),
      () =>
        new Promise((resolve, reject) => {
          request({ socketPath: path, method, path: target, agent: false }, (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (more: string) => (text += more));
            response.on('end', () => {
              resolve([response.statusCode, text]);
            });
          })
            .on('error', reject)
            .end();
        }),
    );
  }

  async function withServer<T>(render: () => Promise<string>, use: () => Promise<T>): Promise<T> {
    const server = await MetricsServer.start({ socket: path }, render);
    try {
      return await use();
    } finally {
      server.close();
    }
  }

  async function startAndClose(): Promise<void> {
    (await MetricsServer.start({ socket: path }, () => Promise.resolve(''))).close();
  }

  test('answers what it is for, and nothing else', async () => {
    expect(await ask('GET', '/metrics')).toEqual([200, 'a 1\n']);
    expect(await ask('GET', '/metrics?name=a')).toEqual([200, 'a 1\n']);
    expect(await ask('GET', '/')).toEqual([404, 'there is only /metrics\n']);
    expect(await ask('POST', '/metrics')).toEqual([405, 'only GET\n']);
  });

  test('lets nobody else connect, takes the place of a socket that is dead, and not of one in use', async () => {
    await withServer(
      () => Promise.resolve(''),
      async () => {
        expect(statSync(path).mode & 0o777).toBe(0o660);
        await expect(startAndClose()).rejects.toThrow(
          /^"metrics\.socket" is ".*": the engine cannot listen there: .*EADDRINUSE/,
        );
      },
    );
    expect(await ask('GET', '/metrics')).toEqual([200, 'a 1\n']);
    writeFileSync(path, 'no socket');
    await expect(startAndClose()).rejects.toThrow(/EADDRINUSE/);
  });

  test('leaves a socket alone whose owner is too busy to accept', async () => {
    const owner = spawn(process.execPath, ['-e', BUSY, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(owner, 'exit');
    const waiting: Socket[] = [];
    try {
      await once(owner.stdout, 'data');
      while (waiting.length < 100) {
        const socket = connect(path);
        waiting.push(socket);
        const failure = new Promise<string | undefined>((resolve) => {
          socket.once('connect', () => {
            resolve(undefined);
          });
          socket.once('error', (error: NodeJS.ErrnoException) => {
            resolve(error.code);
          });
        });
        if ((await failure) !== undefined) {
          expect(await failure).toBe('EAGAIN');
          break;
        }
      }
      expect(waiting.length).toBeLessThan(100);
      const { ino } = statSync(path);
      await expect(startAndClose()).rejects.toThrow(/EADDRINUSE/);
      expect(statSync(path).ino).toBe(ino);
    } finally {
      waiting.forEach((socket) => socket.destroy());
      owner.kill('SIGKILL');
      await exited;
    }
  });

  describe('ends a connection', () => {
    const long = 100_000;

    /** What the server says before it ends the connection. */
    async function ending(send: string, limits: Partial<ServerLimits>, render = 'a 1\n'): Promise<string> {
      const all = { request: long, idle: long, connections: 16, ...limits };
      const server = await MetricsServer.start({ socket: path }, () => Promise.resolve(render), all);
      try {
        const socket = connect(path);
        socket.write(send);
        let text = '';
        socket.setEncoding('utf8').on('data', (more: string) => (text += more));
        await closed(socket);
        return text;
      } finally {
        server.close();
      }
    }

    /** Resolves where a question gets an answer. */
    async function untilLetIn(): Promise<void> {
      for (;;) {
        const socket = connect(path);
        socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
        let text = '';
        socket.setEncoding('utf8').on('data', (more: string) => (text += more));
        await closed(socket);
        if (text !== '') {
          return;
        }
      }
    }

    test('that asks nothing', async () => {
      expect(await ending('', { request: 50 })).toMatch(/^HTTP\/1\.1 408 /);
    });

    test('whose question does not end', async () => {
      expect(await ending('GET /metrics HTTP/1.1\r\nhost:', { request: 50 })).toMatch(/^HTTP\/1\.1 408 /);
    });

    test('whose headers are too large', async () => {
      expect(await ending(`GET /metrics HTTP/1.1\r\na: ${'a'.repeat(9000)}`, {})).toMatch(/^HTTP\/1\.1 431 /);
    });

    test('that does not speak HTTP', async () => {
      expect(await ending('\x16\x03\x01\r\n\r\n', {})).toMatch(/^HTTP\/1\.1 400 /);
    });

    test('after a refusal, without the body of the question', async () => {
      const head = 'POST /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nbegins';
      expect(await ending(head, {})).toMatch(/^HTTP\/1\.1 405 /);
    });

    test('with a tunnel or another protocol instead of a scrape', async () => {
      expect(await ending('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n', {})).toBe('');
    });

    test('that reads no answer', async () => {
      const all = { request: long, idle: 50, connections: 1 };
      const render = (): Promise<string> => Promise.resolve('a'.repeat(1 << 22));
      const server = await MetricsServer.start({ socket: path }, render, all);
      try {
        const idle = connect(path).pause();
        idle.on('error', () => undefined);
        idle.write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n');
        await once(idle, 'connect');
        // It is the only one that the server lets in, so the next gets in when it is gone.
        await untilLetIn();
        idle.destroy();
      } finally {
        server.close();
      }
    });

    test('that is one too many', async () => {
      const limits = { request: long, idle: long, connections: 1 };
      const server = await MetricsServer.start({ socket: path }, () => Promise.resolve(''), limits);
      try {
        const first = connect(path);
        await once(first, 'connect');
        const second = connect(path);
        await closed(second);
        expect(first.closed).toBe(false);
        first.destroy();
      } finally {
        server.close();
      }
    });
  });

  test('listens on the loopback addresses alone', async () => {
    const port = await freePort();
    const server = await MetricsServer.start({ port }, () => Promise.resolve(''));
    const reaches = (host: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({ host, port }, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => {
          resolve(false);
        });
      });
    try {
      expect([await reaches('127.0.0.1'), await reaches('::1')]).toEqual([true, true]);
      expect(await reaches('127.0.0.2')).toBe(false);
    } finally {
      server.close();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** However it ended: what the server leaves unread resets the connection. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}
